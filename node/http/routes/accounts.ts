import { z } from 'zod';
import type { PooledAccount } from '../../accounts/account.ts';
import { accountFaults } from '../../accounts/faults.ts';
import { accountsStats } from '../../accounts/stats.ts';
import type { ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { httpFaults } from '../faults.ts';
import { Reply } from '../reply.ts';
import { changedAccountSchema, newAccountSchema } from './account-body.ts';
import { accountSchema, accountStatsSchema, viewOf } from './account-view.ts';

const tag = 'accounts';
const idParams = z.strictObject({ id: z.string().describe("the account's id") });

const statsSchema = z.strictObject({
  total_accounts: z.number(),
  available_accounts: z.number(),
  total_requests: z.number(),
  total_errors: z.number(),
  total_successes: z.number(),
  strategy: z.string(),
  circuit_breaker_enabled: z.boolean(),
  accounts: z.array(accountStatsSchema),
});

/** Accounts: how they are doing, and every change to them. Secrets go in and never come out. */
export function accountRoutes(dependencies: ManagementDependencies): Route[] {
  return [
    stats(dependencies),
    show(dependencies),
    add(dependencies),
    change(dependencies),
    remove(dependencies),
    action(dependencies, 'enable', 'Lets the account be chosen again', (id) =>
      dependencies.editor.change(id, { enabled: true }),
    ),
    action(dependencies, 'disable', 'Takes the account out of service; requests under way finish', (id) =>
      dependencies.editor.change(id, { enabled: false }),
    ),
    action(dependencies, 'reset', "Closes the account's breaker and ends its rest", (id) =>
      dependencies.editor.reset(id),
    ),
    action(
      dependencies,
      'refresh',
      "Refreshes the account's OAuth token now; 409 for accounts with a plain key",
      (id) => refreshToken(dependencies, id),
    ),
  ];
}

function stats({ node, accounts, router }: ManagementDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/accounts/stats',
    permission: 'accounts:read',
    tag,
    summary: 'Counters and state of all accounts',
    response: statsSchema,
    handler: () => accountsStats(accounts, router.algorithm, node.clock.nowMs()),
  });
}

function show(dependencies: ManagementDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/accounts/{id}',
    permission: 'accounts:read',
    tag,
    summary: 'One account',
    params: idParams,
    response: accountSchema,
    handler: ({ params }) => viewAt(dependencies, params.id),
  });
}

function add(dependencies: ManagementDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/accounts',
    permission: 'accounts:write',
    tag,
    summary: 'Adds an account; the body has the fields of an `accounts:` entry in the configuration file',
    status: 201,
    body: newAccountSchema(dependencies.providers),
    response: accountSchema,
    async handler({ body }) {
      const account = await dependencies.editor.add(body);
      await dependencies.persistAccount(account.id);
      const location = `/accounts/${encodeURIComponent(account.id)}`;
      return Reply.json(201, viewAt(dependencies, account.id), { location });
    },
  });
}

function change(dependencies: ManagementDependencies): Route {
  return defineRoute({
    method: 'PATCH',
    path: '/accounts/{id}',
    permission: 'accounts:write',
    tag,
    summary: 'Changes the fields given (null: back to the default); secrets that are not given stay',
    params: idParams,
    body: changedAccountSchema,
    response: accountSchema,
    async handler({ params, body }) {
      accountOf(dependencies, params.id);
      await dependencies.editor.change(params.id, body);
      await dependencies.persistAccount(params.id);
      return viewAt(dependencies, params.id);
    },
  });
}

function remove(dependencies: ManagementDependencies): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/accounts/{id}',
    permission: 'accounts:write',
    tag,
    summary: 'Removes the account; requests under way finish',
    status: 204,
    params: idParams,
    async handler({ params }) {
      accountOf(dependencies, params.id);
      await dependencies.editor.remove(params.id);
      await dependencies.persistAccount(params.id);
      return undefined;
    },
  });
}

function action(
  dependencies: ManagementDependencies,
  verb: 'enable' | 'disable' | 'reset' | 'refresh',
  summary: string,
  act: (id: string) => unknown,
): Route {
  return defineRoute({
    method: 'POST',
    path: `/accounts/{id}/${verb}`,
    permission: 'accounts:write',
    tag,
    summary,
    params: idParams,
    response: accountSchema,
    async handler({ params }) {
      accountOf(dependencies, params.id);
      await act(params.id);
      // A breaker's state and a token are not part of the accounts' settings.
      if (verb === 'enable' || verb === 'disable') await dependencies.persistAccount(params.id);
      return viewAt(dependencies, params.id);
    },
  });
}

async function refreshToken({ editor }: ManagementDependencies, id: string): Promise<void> {
  const refresh = editor.tokenRefresh(id);
  if (refresh === undefined) {
    throw httpFaults.refresh_not_supported(
      `account ${id} has a plain key and no OAuth token; change the key with PATCH /accounts/${id}`,
    );
  }
  await refresh();
}

function viewAt(dependencies: ManagementDependencies, id: string): z.infer<typeof accountSchema> {
  return viewOf(accountOf(dependencies, id), dependencies);
}

function accountOf({ accounts }: ManagementDependencies, id: string): PooledAccount {
  const account = accounts.get(id);
  if (account === undefined) throw accountFaults.account_not_found(`there is no account ${JSON.stringify(id)}`);
  return account;
}

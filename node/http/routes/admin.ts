import { z } from 'zod';
import { accountFaults } from '../../accounts/faults.ts';
import { backupParts, type ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { Reply } from '../reply.ts';

const tag = 'admin';

/** Actions on the node as a whole. */
export function adminRoutes(dependencies: ManagementDependencies): Route[] {
  return [resetBreakers(dependencies), refreshModels(dependencies), backup(dependencies)];
}

function resetBreakers({ accounts, editor }: ManagementDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/admin/circuit-breaker/reset',
    permission: 'accounts:write',
    tag,
    summary: 'Closes the breaker of one account, or of all without a body',
    body: z.strictObject({ account: z.string().optional().describe('id; all accounts when absent') }).optional(),
    response: z.strictObject({ reset: z.array(z.string()).describe('ids of the accounts') }),
    async handler({ body }) {
      const ids = body?.account === undefined ? accounts.all.map(({ id }) => id) : [body.account];
      for (const id of ids) {
        if (accounts.get(id) === undefined) {
          throw accountFaults.account_not_found(`there is no account ${JSON.stringify(id)}`, { field: 'account' });
        }
        await editor.reset(id);
      }
      return { reset: ids };
    },
  });
}

function refreshModels({ models }: ManagementDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/admin/models/refresh',
    permission: 'accounts:write',
    tag,
    summary: 'Asks every account for its models now',
    response: z.strictObject({
      model_count: z.number(),
      refreshed: z.array(z.string()).describe('ids of accounts whose list was read'),
      failed: z.array(z.strictObject({ account: z.string(), reason: z.string() })),
    }),
    async handler() {
      const { refreshed, failed } = await models.refresh();
      return { model_count: models.list().length, refreshed: [...refreshed], failed: [...failed] };
    },
  });
}

/** Everybody's hashes and sealed tokens are in it, so that it is for those who may do everything. */
function backup({ backup, node }: ManagementDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/admin/backup',
    permission: 'all',
    tag,
    summary: 'A copy of one SQLite database of this node, as it is at one moment; `aiproxy backup` calls it',
    mediaType: 'application/octet-stream',
    query: z.strictObject({
      part: z.enum(backupParts).describe('records: users, keys, roles, prices, changes; usage: traces and sums'),
    }),
    async handler({ query }) {
      const { content, sizeBytes } = await backup.open(query.part);
      return Reply.file(content, sizeBytes, {
        'content-disposition': `attachment; filename="${query.part}.sqlite"`,
        'x-aiproxy-node': encodeURIComponent(node.id),
      });
    },
  });
}

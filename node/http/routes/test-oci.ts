import { z } from 'zod';
import type { AccountCheck, ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';

const account = z.strictObject({
  account: z.string().describe('id'),
  region: z.string().nullable(),
  ok: z.boolean(),
  models: z.number().describe('how many models the upstream lists; 0 where it was asked for none'),
  latency_ms: z.number(),
  error: z.string().optional().describe('why it failed, in words'),
});

/** Whether the accounts at Oracle work: key, user, tenancy, region and policies, one cheap call each. */
export function testOciRoutes({ checkAccounts }: ManagementDependencies): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/test-oci',
      permission: 'accounts:read',
      tag: 'accounts',
      summary: 'Asks every OCI account for its models, and says which of them answer',
      response: z.strictObject({ ok: z.boolean().describe('all of them'), accounts: z.array(account) }),
      async handler() {
        const checks = await checkAccounts('oci');
        const accounts = checks.map(viewOf);
        return { ok: accounts.every(({ ok }) => ok), accounts };
      },
    }),
  ];
}

function viewOf({ account: id, region, models, latencyMs, error }: AccountCheck): z.infer<typeof account> {
  const latency_ms = Math.round(latencyMs);
  const view = { account: id, region: region ?? null, ok: error === undefined, models, latency_ms };
  return error === undefined ? view : { ...view, error };
}

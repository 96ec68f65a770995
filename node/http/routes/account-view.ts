import { z } from 'zod';
import type { PooledAccount } from '../../accounts/account.ts';
import { accountDetail } from '../../accounts/stats.ts';
import type { ManagementDependencies } from '../dependencies.ts';

// Shapes of what node/accounts/stats.ts makes, for the documentation; the types must agree or the routes do not compile.

const count = z.number().int().nonnegative();
const time = z.string().nullable().describe('ISO 8601');

/** One account as `GET /accounts/stats` shows it; the field names are those of the Amazon Q proxy. */
export const accountStatsSchema = z.strictObject({
  id: z.string(),
  enabled: z.boolean(),
  weight: z.number(),
  request_count: count,
  error_count: count,
  success_count: count,
  last_used_at: time,
  circuit_breaker_open: z.boolean(),
  is_available: z.boolean(),
});

export const breakerRowSchema = z.strictObject({
  account: z.string(),
  model: z.string().nullable().describe('null: the whole account'),
  state: z.enum(['closed', 'open', 'half-open']),
  failure_count: z.number(),
  opened_count: count,
  retry_at: time,
  rests_until: time,
});

/** One account with everything that is known of it, its secrets excepted. */
export const accountSchema = z.strictObject({
  ...accountStatsSchema.shape,
  provider: z.string(),
  group: z.string(),
  max_concurrency: count.nullable().describe('null: no bound of its own'),
  models: z.array(z.string()).nullable().describe('null: the list is not known, any name is taken'),
  accept_unknown_models: z.boolean(),
  unavailable_reason: z.string().nullable(),
  in_flight: count,
  remote_in_flight: z.number().describe('requests in flight at this account on other nodes'),
  remote_served: z.number().describe('requests that this account was chosen for on other nodes'),
  health_score: z.number().min(0).max(100),
  latency_ms: z.number().describe('moving average of the time to first byte; 0 before the first answer'),
  failed_checks: count.describe('health checks that failed in a row'),
  breaker: breakerRowSchema,
  rests_until: time.describe('ISO 8601; end of the rest after a 429'),
  model_breakers: z.array(breakerRowSchema),
  token: z
    .strictObject({
      state: z
        .enum(['usable', 'waiting', 'needs_login'])
        .describe('waiting: none yet, or refused by the upstream and being refreshed'),
      expires_at: time,
      refreshed_by: z.string().nullable().describe('node that refreshed it'),
      reason: z.string().nullable().describe('why a new login is needed, such as `invalid_grant`'),
    })
    .nullable()
    .describe('OAuth token of the account; null for accounts with a plain key'),
  settings: z.record(z.string(), z.unknown()).describe("the account's own settings without secrets"),
});

/** `GET` lists name the place where the next page begins; these lists are complete, so it is always null. */
export const nextCursorSchema = z.string().nullable();

export function viewOf(
  account: PooledAccount,
  { node, editor }: Pick<ManagementDependencies, 'node' | 'editor'>,
): z.infer<typeof accountSchema> {
  return {
    ...accountDetail(account, node.clock.nowMs()),
    token: editor.tokenView(account.id),
    settings: editor.settingsOf(account.id),
  };
}

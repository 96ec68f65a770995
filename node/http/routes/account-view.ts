import { z } from 'zod';
import type { Account } from '../../accounts/contract.ts';

const count = z.number().int().nonnegative();

/** One account as `GET /accounts/stats` shows it; the field names are those of the Amazon Q proxy. */
export const accountStatsSchema = z.strictObject({
  id: z.string(),
  enabled: z.boolean(),
  weight: z.number(),
  request_count: count,
  error_count: count,
  success_count: count,
  last_used_at: z.iso.datetime().nullable(),
  circuit_breaker_open: z.boolean(),
  is_available: z.boolean(),
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
  cluster_in_flight: count.describe('requests in flight at this account on other nodes'),
  breaker: z.enum(['closed', 'open', 'half-open']),
  rests_until: z.iso.datetime().nullable().describe('end of the rest after a 429'),
  first_byte_ms: z.number().describe('moving average; 0 before the first answer'),
  health_score: z.number().min(0).max(100),
  settings: z.record(z.string(), z.unknown()).describe("the account's own settings without secrets"),
});

export type AccountStats = z.infer<typeof accountStatsSchema>;

/** Breaker not open, not resting, enabled, its provider able to serve. Full accounts count as available. */
export function isAvailable(account: Account, nowMs: number): boolean {
  return account.couldServe(nowMs, '');
}

export function accountStats(account: Account, nowMs: number): AccountStats {
  return {
    id: account.id,
    enabled: account.enabled,
    weight: account.weight,
    request_count: account.requestCount,
    error_count: account.errorCount,
    success_count: account.successCount,
    last_used_at: isoTime(account.lastUsedAtMs),
    circuit_breaker_open: account.breakerState(nowMs) === 'open',
    is_available: isAvailable(account, nowMs),
  };
}

/** `settings` come from the account editor and hold no secret. */
export function accountDetail(
  account: Account,
  nowMs: number,
  settings: z.infer<typeof accountSchema>['settings'],
): z.infer<typeof accountSchema> {
  return {
    ...accountStats(account, nowMs),
    provider: account.provider,
    group: account.group,
    max_concurrency: Number.isFinite(account.maxConcurrency) ? account.maxConcurrency : null,
    models: account.models === undefined ? null : [...account.models].sort(),
    accept_unknown_models: account.acceptsUnknownModels,
    unavailable_reason: account.unavailableReason ?? null,
    in_flight: account.inFlight,
    cluster_in_flight: account.remote.inFlight,
    breaker: account.breakerState(nowMs),
    rests_until: isoTime(account.restsUntilMs(nowMs)),
    first_byte_ms: account.latencyEwmaMs,
    health_score: account.healthScore,
    settings,
  };
}

export function isoTime(timeMs: number | undefined): string | null {
  return timeMs === undefined || !Number.isFinite(timeMs) ? null : new Date(timeMs).toISOString();
}

/** `GET` lists name the place where the next page begins; these lists are complete, so it is always null. */
export const nextCursorSchema = z.string().nullable();

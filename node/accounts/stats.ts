import type { PooledAccount } from './account.ts';
import type { BreakerState } from './contract.ts';
import type { Accounts } from './directory.ts';

/** Answer of `GET /accounts/stats`: S0's fields, to the letter and in its order. */
export interface AccountsStats {
  total_accounts: number;
  available_accounts: number;
  total_requests: number;
  total_errors: number;
  total_successes: number;
  strategy: string;
  circuit_breaker_enabled: boolean;
  accounts: AccountStats[];
}

export interface AccountStats {
  id: string;
  enabled: boolean;
  weight: number;
  request_count: number;
  error_count: number;
  success_count: number;
  /** ISO 8601, null before the first request. */
  last_used_at: string | null;
  circuit_breaker_open: boolean;
  is_available: boolean;
}

export function accountsStats(directory: Accounts, strategy: string, nowMs: number): AccountsStats {
  const accounts = directory.all.map((account) => accountStats(account, nowMs));
  const sum = (field: 'request_count' | 'error_count' | 'success_count') =>
    accounts.reduce((total, account) => total + account[field], 0);
  return {
    total_accounts: accounts.length,
    available_accounts: accounts.filter((account) => account.is_available).length,
    total_requests: sum('request_count'),
    total_errors: sum('error_count'),
    total_successes: sum('success_count'),
    strategy,
    circuit_breaker_enabled: directory.isBreakerEnabled,
    accounts,
  };
}

function accountStats(account: PooledAccount, nowMs: number): AccountStats {
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

/**
 * Enabled, able to serve, breaker not open, not resting. A full account is available: it works. In half-open it is
 * available while its trial may be made.
 */
export function isAvailable(account: PooledAccount, nowMs: number): boolean {
  if (!account.enabled || account.upstream === undefined || account.upstream.token?.isUsable === false) return false;
  return account.breakerState(nowMs) !== 'open' && account.restsUntilMs(nowMs) === undefined;
}

/** For `GET /health`. */
export function accountsHealth(
  directory: Accounts,
  nowMs: number,
): { total: number; available: number; unavailable: number } {
  const total = directory.all.length;
  const available = directory.all.filter((account) => isAvailable(account, nowMs)).length;
  return { total, available, unavailable: total - available };
}

/** One account in full, for `GET /accounts/{id}`; beside S0's fields those of ours. */
export function accountDetail(account: PooledAccount, nowMs: number) {
  return {
    ...accountStats(account, nowMs),
    provider: account.provider,
    group: account.group,
    max_concurrency: Number.isFinite(account.maxConcurrency) ? account.maxConcurrency : null,
    models: account.models === undefined ? null : [...account.models],
    accept_unknown_models: account.acceptsUnknownModels,
    unavailable_reason: account.unavailableReason ?? null,
    in_flight: account.inFlight,
    remote_in_flight: account.remote.inFlight,
    remote_served: account.remote.served,
    health_score: account.healthScore,
    latency_ms: Math.round(account.latencyEwmaMs),
    failed_checks: account.failedChecks,
    breaker: breakerRow(account.id, undefined, account, nowMs),
    rests_until: isoTime(account.restsUntilMs(nowMs)),
    model_breakers: modelRows(account, nowMs),
  };
}

/** For `GET /stats/accounts`. */
export function accountsLoadStats(directory: Accounts, nowMs: number) {
  return { accounts: directory.all.map((account) => accountDetail(account, nowMs)) };
}

export interface BreakerRow {
  account: string;
  model: string | null;
  state: BreakerState;
  failure_count: number;
  opened_count: number;
  /** ISO 8601: when a trial becomes due; null while closed. */
  retry_at: string | null;
  rests_until: string | null;
}

/** For `GET /stats/circuit-breaker`: accounts first, then models that have a breaker of their own. */
export function breakerStats(directory: Accounts, nowMs: number) {
  const rows = directory.all.flatMap((account) => [
    breakerRow(account.id, undefined, account, nowMs),
    ...modelRows(account, nowMs),
  ]);
  const count = (state: BreakerState) => rows.filter((row) => row.state === state).length;
  return {
    enabled: directory.isBreakerEnabled,
    open: count('open'),
    half_open: count('half-open'),
    closed: count('closed'),
    breakers: rows,
  };
}

/** Accounts' part of `GET /stats/concurrency`. */
export function accountsConcurrency(directory: Accounts) {
  return directory.all.map((account) => ({
    account: account.id,
    in_flight: account.inFlight,
    max_concurrency: Number.isFinite(account.maxConcurrency) ? account.maxConcurrency : null,
  }));
}

/** For `GET /loadbalancer/instances` (S2 calls accounts instances). */
export function loadBalancerInstances(directory: Accounts, algorithm: string, nowMs: number) {
  return {
    algorithm,
    instances: directory.all.map((account) => ({
      id: account.id,
      provider: account.provider,
      group: account.group,
      weight: account.weight,
      enabled: account.enabled,
      healthy: isAvailable(account, nowMs),
      health_score: account.healthScore,
      active_connections: account.inFlight,
      total_requests: account.requestCount,
      failed_requests: account.errorCount,
      avg_response_time_ms: Math.round(account.latencyEwmaMs),
    })),
  };
}

function modelRows(account: PooledAccount, nowMs: number): BreakerRow[] {
  return [...account.standings.models()].map(([model]) => breakerRow(account.id, model, account, nowMs));
}

function breakerRow(id: string, model: string | undefined, account: PooledAccount, nowMs: number): BreakerRow {
  const { breaker, rest } = account.standings.find(model) ?? account.standings.whole;
  return {
    account: id,
    model: model ?? null,
    state: breaker.state(nowMs),
    failure_count: breaker.errorCount,
    opened_count: breaker.openedTimes,
    retry_at: isoTime(breaker.untilMs),
    rests_until: isoTime(rest.endsAtMs(nowMs)),
  };
}

function isoTime(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString();
}

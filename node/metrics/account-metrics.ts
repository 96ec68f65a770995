import type { Clock } from '../../kit/clock.ts';
import type { AccountReading } from './contract.ts';
import { accountLabelsMax, metricNames, type MetricName } from './names.ts';
import type { Labels, MetricsRegistry } from './registry.ts';

const breakerValues = { closed: 0, 'half-open': 1, open: 2 } as const;

/** Shows every account's state and counters on `/metrics`; `accounts` is asked at each scrape. */
export function exposeAccounts(
  registry: MetricsRegistry,
  clock: Clock,
  accounts: () => readonly AccountReading[],
): void {
  const show = (metric: MetricName, value: (account: AccountReading, nowMs: number) => number) => {
    registry.readAtScrape(metric, () => series(clock.nowMs(), accounts(), value));
  };
  show(metricNames.accountAvailable, availability);
  show(metricNames.accountInFlight, (account) => account.inFlight);
  show(metricNames.accountBreaker, (account, nowMs) => breakerValues[account.breakerState(nowMs)]);
  show(metricNames.accountBreakerOpened, (account) => account.standings.whole.breaker.openedTimes);
  registry.readAtScrape(metricNames.accountDisabled, () => accounts().slice(0, accountLabelsMax).flatMap(disables));
  show(metricNames.accountRequests, (account) => account.requestCount);
  show(metricNames.accountErrors, (account) => account.errorCount);
  show(metricNames.accountRests, (account, nowMs) => (account.restsUntilMs(nowMs) ?? 0) / 1000);
  show(metricNames.accountLatency, (account) => account.latencyEwmaMs / 1000);
  show(metricNames.accountHealth, (account) => account.healthScore);
  show(metricNames.accountWeight, (account) => account.weight);
}

/** 1 or 0; a full account is available, it works. */
export function availability(account: AccountReading, nowMs: number): number {
  if (!account.enabled || account.upstream === undefined) return 0;
  return account.breakerState(nowMs) !== 'open' && account.restsUntilMs(nowMs) === undefined ? 1 : 0;
}

function disables({ id, disables }: AccountReading): [Labels, number][] {
  return [...disables].map(([code, count]) => [{ account: id, code }, count]);
}

function series(
  nowMs: number,
  accounts: readonly AccountReading[],
  value: (account: AccountReading, nowMs: number) => number,
): [Labels, number][] {
  return accounts
    .slice(0, accountLabelsMax)
    .map((account) => [{ account: account.id, provider: account.provider }, value(account, nowMs)]);
}

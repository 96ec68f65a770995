import type { Clock } from '../../kit/clock.ts';
import { availability } from './account-metrics.ts';
import type { AccountReading, TokenNumbers } from './contract.ts';
import { accountLabelsMax, metricNames, type MetricName } from './names.ts';
import { isFailure } from './outcome.ts';
import type { Labels, MetricsRegistry } from './registry.ts';
import type { Traffic } from './traffic.ts';

// The only provider with metric names of its own: they come from the proxy that served it alone, and its users'
// dashboards ask for them.
const provider = 'amazonq';

/** Shows Amazon Q accounts under the names that the Amazon Q proxy gave them. */
export function exposeAmazonQ(
  registry: MetricsRegistry,
  clock: Clock,
  accounts: () => readonly AccountReading[],
  traffic: Traffic,
  tokens: () => readonly TokenNumbers[] = () => [],
): void {
  const mine = () =>
    accounts()
      .filter((account) => account.provider === provider)
      .slice(0, accountLabelsMax);
  const show = (metric: MetricName, value: (account: AccountReading) => number) => {
    registry.readAtScrape(metric, () => mine().map((account) => [{ account: account.id }, value(account)]));
  };
  show(metricNames.amazonqAvailable, (account) => availability(account, clock.nowMs()));
  show(metricNames.amazonqRequestCount, (account) => account.requestCount);
  show(metricNames.amazonqErrorCount, (account) => account.errorCount);
  show(metricNames.amazonqSuccessCount, (account) => account.successCount);
  show(metricNames.amazonqBreakerOpened, (account) => account.standings.whole.breaker.openedTimes);
  show(metricNames.amazonqActive, (account) => account.inFlight);
  registry.readAtScrape(metricNames.amazonqTokenRefresh, () => {
    const ids = idsOf(mine());
    return tokens().flatMap(({ accountId, renewedCount, failedCount }): [Labels, number][] =>
      ids.has(accountId)
        ? [
            [{ account: accountId, status: 'success' }, renewedCount],
            [{ account: accountId, status: 'error' }, failedCount],
          ]
        : [],
    );
  });
  registry.readAtScrape(metricNames.amazonqRequests, () => requests(traffic, idsOf(mine())));
  registry.readAtScrape(metricNames.amazonqErrors, () => errors(traffic, idsOf(mine())));
  registry.readHistogramsAtScrape(metricNames.amazonqResponse, () =>
    mine().flatMap(({ id }) => {
      const histogram = traffic.durationOf(id);
      return histogram === undefined ? [] : [[{ account: id }, histogram]];
    }),
  );
}

function idsOf(accounts: readonly AccountReading[]): ReadonlySet<string> {
  return new Set(accounts.map((account) => account.id));
}

function* requests(traffic: Traffic, ids: ReadonlySet<string>): Generator<[Labels, number]> {
  const failed = new Map<string, number>();
  for (const [account, outcome, count] of traffic.outcomesByAccount()) {
    if (!ids.has(account)) continue;
    if (outcome === 'ok') yield [{ account, status: 'success' }, count];
    else if (isFailure(outcome)) failed.set(account, (failed.get(account) ?? 0) + count);
  }
  for (const [account, count] of failed) yield [{ account, status: 'error' }, count];
}

function* errors(traffic: Traffic, ids: ReadonlySet<string>): Generator<[Labels, number]> {
  for (const [account, outcome, count] of traffic.outcomesByAccount()) {
    if (isFailure(outcome) && ids.has(account)) yield [{ account, error_type: outcome }, count];
  }
}

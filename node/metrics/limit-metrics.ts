import type { LimitsReading } from './contract.ts';
import { metricNames } from './names.ts';
import type { Labels, MetricsRegistry } from './registry.ts';

/** Shows limits of keys on `/metrics`; `read` is asked at each scrape. */
export function exposeLimits(registry: MetricsRegistry, read: () => LimitsReading): void {
  registry.readAtScrape(metricNames.limitRefusals, () =>
    [...read().refusals].map(([reason, count]): [Labels, number] => [{ reason }, count]),
  );
  registry.readAtScrape(metricNames.limitKeys, () => [[{}, read().keys]]);
  registry.readAtScrape(metricNames.budgetsUnwritten, () => [[{}, read().unwrittenBudgets]]);
}

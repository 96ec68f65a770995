import type { StoreNumbers } from './contract.ts';
import { metricNames, type MetricName } from './names.ts';
import type { MetricsRegistry } from './registry.ts';

const states: readonly StoreNumbers['state'][] = ['well', 'behind', 'spilling', 'losing'];

/** Shows the store of traces and usage on `/metrics`; `read` is asked at each scrape. */
export function exposeStore(registry: MetricsRegistry, read: () => StoreNumbers): void {
  const show = (metric: MetricName, value: (numbers: StoreNumbers) => number) => {
    registry.readAtScrape(metric, () => [[{}, value(read())]]);
  };
  registry.readAtScrape(metricNames.storeState, () => {
    const { state } = read();
    return states.map((each) => [{ state: each }, each === state ? 1 : 0]);
  });
  show(metricNames.storeWaiting, ({ waiting }) => waiting);
  show(metricNames.storeSpilled, ({ spilledBytes }) => spilledBytes);
  show(metricNames.storeWritten, ({ writtenTraces }) => writtenTraces);
  show(metricNames.storeLost, ({ lostTraces }) => lostTraces);
  show(metricNames.storeFailures, ({ failedWrites }) => failedWrites);
  show(metricNames.storeBytes, ({ size }) => size?.bytes ?? 0);
  show(metricNames.storeTraces, ({ size }) => size?.traces ?? 0);
}

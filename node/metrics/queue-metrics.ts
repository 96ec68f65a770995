import type { QueueReading } from './contract.ts';
import { metricNames, type MetricName } from './names.ts';
import type { MetricsRegistry } from './registry.ts';

/** Shows admission (places and the waiting queue) on `/metrics`; `read` is asked at each scrape. */
export function exposeQueue(registry: MetricsRegistry, read: () => QueueReading): void {
  const show = (metric: MetricName, value: (queue: QueueReading) => number) => {
    registry.readAtScrape(metric, () => [[{}, value(read())]]);
  };
  show(metricNames.queueWaiting, (queue) => queue.waiting);
  show(metricNames.queueSizeMax, (queue) => queue.waitingMax);
  show(metricNames.queueOldest, (queue) => queue.oldestWaitMs / 1000);
  show(metricNames.queueRejected, (queue) => queue.rejectedCount);
  show(metricNames.queueExpired, (queue) => queue.expiredCount);
  show(metricNames.concurrencyInFlight, (queue) => queue.inFlight);
  show(metricNames.concurrencyMax, (queue) => queue.inFlightMax);
}

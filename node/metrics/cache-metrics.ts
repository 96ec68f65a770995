import type { CacheReading } from './contract.ts';
import { metricNames, type MetricName } from './names.ts';
import type { MetricsRegistry } from './registry.ts';

/** Shows the cache of answers on `/metrics`; `read` is asked at each scrape. */
export function exposeCache(registry: MetricsRegistry, read: () => CacheReading): void {
  const show = (metric: MetricName, value: (cache: CacheReading) => number) => {
    registry.readAtScrape(metric, () => [[{}, value(read())]]);
  };
  show(metricNames.cacheHits, (cache) => cache.hits);
  show(metricNames.cacheMisses, (cache) => cache.misses);
  show(metricNames.cacheSize, (cache) => cache.sizeBytes);
  show(metricNames.cacheSizeMax, (cache) => cache.sizeBytesMax);
  show(metricNames.cacheEntries, (cache) => cache.entries);
  show(metricNames.cacheEvictions, (cache) => cache.evictions);
  show(metricNames.cacheExpired, (cache) => cache.expired);
  show(metricNames.cacheCoalesced, (cache) => cache.coalesced);
  show(metricNames.cachePeerHits, (cache) => cache.peerHits);
  show(metricNames.cacheEnabled, (cache) => (cache.isEnabled ? 1 : 0));
}

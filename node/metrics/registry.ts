import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { DurationHistogram } from './duration-histogram.ts';
import type { MetricName } from './names.ts';
import { ScrapedHistogram } from './scraped-histogram.ts';

export type Labels = Record<string, string>;

export interface MetricsRegistryOptions {
  /** Adds `process_*` and `nodejs_*` (CPU, memory, garbage collection, event loop delay). */
  processMetrics: boolean;
  /** How often the event loop's delay is sampled, ms; a finer sampling costs CPU on an idle node. */
  eventLoopPrecisionMs?: number;
}

/**
 * Everything that `GET /metrics` shows. Rooms keep plain numbers; each metric is given a function that reads them when
 * somebody scrapes, so recording costs nothing here.
 */
export class MetricsRegistry {
  readonly #registry = new Registry();

  constructor(options: MetricsRegistryOptions) {
    if (!options.processMetrics) return;
    collectDefaultMetrics({
      register: this.#registry,
      eventLoopMonitoringPrecision: options.eventLoopPrecisionMs ?? 20,
    });
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;

  /** Declares a counter or gauge whose series are read at scrape time. */
  readAtScrape(metric: MetricName, read: () => Iterable<[Labels, number]>): void {
    if (metric.type === 'counter') this.#addCounter(metric, read);
    else this.#addGauge(metric, read);
  }

  /** Declares a histogram in seconds whose series are read at scrape time. */
  readHistogramsAtScrape(metric: MetricName, read: () => Iterable<[Labels, DurationHistogram]>): void {
    this.#registry.registerMetric(new ScrapedHistogram(metric, read));
  }

  /** The whole page in Prometheus' text format. */
  render(): Promise<string> {
    return this.#registry.metrics();
  }

  #addCounter(metric: MetricName, read: () => Iterable<[Labels, number]>): void {
    const counter = new Counter({
      ...definitionOf(metric),
      registers: [this.#registry],
      collect() {
        counter.reset();
        for (const [labels, value] of read()) counter.inc(labels, value);
      },
    });
  }

  #addGauge(metric: MetricName, read: () => Iterable<[Labels, number]>): void {
    const gauge = new Gauge({
      ...definitionOf(metric),
      registers: [this.#registry],
      collect() {
        gauge.reset();
        for (const [labels, value] of read()) gauge.set(labels, value);
      },
    });
  }
}

function definitionOf(metric: MetricName): { name: string; help: string; labelNames: string[] } {
  return { name: metric.name, help: metric.help, labelNames: Object.keys(metric.labels) };
}

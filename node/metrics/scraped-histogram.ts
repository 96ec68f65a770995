import { Histogram } from 'prom-client';
import type { DurationHistogram } from './duration-histogram.ts';
import type { MetricName } from './names.ts';

type Labels = Record<string, string>;

interface Sample {
  labels: Labels;
  metricName: string;
  value: number;
}

/**
 * A histogram of prom-client whose numbers are kept elsewhere. prom-client has no way to set buckets, so the method
 * that its registry calls to print a metric (`getForPromString`, prom-client 15) is replaced; `get` rests on the same.
 */
export class ScrapedHistogram extends Histogram {
  readonly #metric: MetricName;
  readonly #read: () => Iterable<[Labels, DurationHistogram]>;

  constructor(metric: MetricName, read: () => Iterable<[Labels, DurationHistogram]>) {
    super({ name: metric.name, help: metric.help, labelNames: Object.keys(metric.labels), registers: [] });
    this.#metric = metric;
    this.#read = read;
  }

  async getForPromString(): Promise<{ name: string; help: string; type: string; values: Sample[] }> {
    const { name, help } = this.#metric;
    const values = [...this.#read()].flatMap(([labels, histogram]) => samplesOf(name, labels, histogram));
    return { name, help, type: 'histogram', values };
  }
}

/** Prometheus wants cumulative buckets in seconds, then sum and count. */
function samplesOf(name: string, labels: Labels, histogram: DurationHistogram): Sample[] {
  const samples: Sample[] = [];
  let count = 0;
  for (const [bucket, inBucket] of histogram.counts.entries()) {
    count += inBucket;
    const boundMs = histogram.boundsMs[bucket];
    const le = boundMs === undefined ? '+Inf' : String(boundMs / 1000);
    samples.push({ labels: { ...labels, le }, metricName: `${name}_bucket`, value: count });
  }
  samples.push({ labels, metricName: `${name}_sum`, value: histogram.sumMs / 1000 });
  samples.push({ labels, metricName: `${name}_count`, value: count });
  return samples;
}

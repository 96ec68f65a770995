import type { DurationHistogram } from './duration-histogram.ts';
import { metricNames } from './names.ts';
import type { Labels, MetricsRegistry } from './registry.ts';
import type { RequestMeter } from './request-meter.ts';
import type { Traffic } from './traffic.ts';

/** Shows a node's traffic counters on `/metrics`. */
export function exposeTraffic(registry: MetricsRegistry, traffic: Traffic): void {
  registry.readAtScrape(metricNames.httpActive, () => [[{}, traffic.active]]);
  registry.readAtScrape(metricNames.httpRequests, () => statuses(traffic));
  registry.readHistogramsAtScrape(metricNames.httpDuration, () => perKind(traffic, (meter) => meter.duration));
  registry.readHistogramsAtScrape(metricNames.ttft, () => perKind(traffic, (meter) => meter.ttft));
  registry.readHistogramsAtScrape(metricNames.overhead, () => perKind(traffic, (meter) => meter.overhead));
  registry.readAtScrape(metricNames.providerRequests, () => providerRequests(traffic));
  registry.readAtScrape(metricNames.providerErrors, () => providerErrors(traffic));
  registry.readAtScrape(metricNames.providerTokens, () => providerTokens(traffic));
  registry.readHistogramsAtScrape(metricNames.providerDuration, () =>
    [...traffic.providerMeters].map(([provider, meter]) => [{ provider }, meter.duration]),
  );
}

function* statuses(traffic: Traffic): Generator<[Labels, number]> {
  for (const [protocol, meter] of traffic.requestMeters) {
    for (const [status, count] of meter.statuses()) yield [{ protocol, status }, count];
  }
}

/** What was never measured shows no series: thirty empty histograms would be 600 lines. */
function* perKind(
  traffic: Traffic,
  of: (meter: RequestMeter) => DurationHistogram,
): Generator<[Labels, DurationHistogram]> {
  for (const [protocol, meter] of traffic.requestMeters) {
    const histogram = of(meter);
    if (!histogram.isEmpty) yield [{ protocol }, histogram];
  }
}

function* providerRequests(traffic: Traffic): Generator<[Labels, number]> {
  for (const [provider, meter] of traffic.providerMeters) {
    for (const [model, tally] of meter.models) yield [{ provider, model }, tally.requests];
  }
}

function* providerErrors(traffic: Traffic): Generator<[Labels, number]> {
  for (const [provider, meter] of traffic.providerMeters) {
    for (const [code, tally] of meter.errors) yield [{ provider, code }, tally.count];
  }
}

function* providerTokens(traffic: Traffic): Generator<[Labels, number]> {
  for (const [provider, meter] of traffic.providerMeters) {
    for (const [model, tally] of meter.models) {
      yield [{ provider, model, kind: 'input' }, tally.input];
      yield [{ provider, model, kind: 'cache_read' }, tally.cacheRead];
      yield [{ provider, model, kind: 'cache_write' }, tally.cacheWrite];
      yield [{ provider, model, kind: 'output' }, tally.output];
    }
  }
}

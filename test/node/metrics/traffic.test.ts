import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DurationHistogram, overheadBoundsMs } from '../../../node/metrics/duration-histogram.ts';
import { exposeAmazonQ } from '../../../node/metrics/amazonq-metrics.ts';
import { exposeQueue } from '../../../node/metrics/queue-metrics.ts';
import { metricNames, modelLabelsMax } from '../../../node/metrics/names.ts';
import { MetricsRegistry } from '../../../node/metrics/registry.ts';
import { exposeTraffic } from '../../../node/metrics/traffic-metrics.ts';
import { Traffic } from '../../../node/metrics/traffic.ts';
import { systemClock } from '../../../kit/clock.ts';
import { FakeAccounts } from '../http/fake-accounts.ts';

async function pageOf(traffic: Traffic): Promise<string[]> {
  const registry = new MetricsRegistry({ processMetrics: false });
  exposeTraffic(registry, traffic);
  return (await registry.render()).split('\n');
}

describe('DurationHistogram', () => {
  it('puts every duration into the first bucket whose bound is not below it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100_000, noNaN: true }), (durationMs) => {
        const histogram = new DurationHistogram(overheadBoundsMs);
        histogram.observe(durationMs);
        const expected = [...overheadBoundsMs, Infinity].findIndex((bound) => durationMs <= bound);
        expect(histogram.counts.indexOf(1)).toBe(expected);
        expect(histogram.sumMs).toBe(durationMs);
      }),
    );
  });

  it('leaves out what was not measured', () => {
    const histogram = new DurationHistogram(overheadBoundsMs);
    histogram.observe(-1);
    histogram.observe(NaN);
    expect(histogram.counts.every((count) => count === 0)).toBe(true);
    expect(histogram.sumMs).toBe(0);
  });
});

describe('traffic on the page', () => {
  it('counts requests by way in and status', async () => {
    const traffic = new Traffic();
    traffic.active = 2;
    traffic.request('anthropic', 200, 12, 5, 0.2);
    traffic.request('anthropic', 200, 700, -1, -1);
    traffic.request('openai-chat', 429, 1, -1, -1);
    traffic.request('openai-chat', 1234, 1, -1, -1);
    const page = await pageOf(traffic);
    expect(page).toContain('aiproxy_http_active_requests 2');
    expect(page).toContain('aiproxy_http_requests_total{protocol="anthropic",status="200"} 2');
    expect(page).toContain('aiproxy_http_requests_total{protocol="openai-chat",status="429"} 1');
    expect(page).toContain('aiproxy_http_requests_total{protocol="openai-chat",status="599"} 1');
    expect(page).toContain('aiproxy_http_request_duration_seconds_bucket{protocol="anthropic",le="0.01"} 0');
    expect(page).toContain('aiproxy_http_request_duration_seconds_bucket{protocol="anthropic",le="0.025"} 1');
    expect(page).toContain('aiproxy_http_request_duration_seconds_bucket{protocol="anthropic",le="+Inf"} 2');
    expect(page).toContain('aiproxy_http_request_duration_seconds_sum{protocol="anthropic"} 0.712');
    expect(page).toContain('aiproxy_ttft_seconds_count{protocol="anthropic"} 1');
    expect(page).toContain('aiproxy_overhead_seconds_bucket{protocol="anthropic",le="0.0002"} 1');
    expect(page.some((line) => line.includes('protocol="gemini"'))).toBe(false);
  });

  it('counts tries and tokens by provider and model', async () => {
    const traffic = new Traffic();
    traffic.attempt('a', 'openai-custom', 'gpt', 'ok', 100);
    traffic.attempt('a', 'openai-custom', 'gpt', 'upstream_rate_limited', 50);
    traffic.tokens('openai-custom', 'gpt', { inputTotal: 100, cacheRead: 60, cacheWrite: 10, outputTotal: 7 });
    traffic.tokens('openai-custom', 'gpt', { cacheRead: 5 });
    const page = await pageOf(traffic);
    expect(page).toContain('aiproxy_provider_requests_total{provider="openai-custom",model="gpt"} 2');
    expect(page).toContain('aiproxy_provider_errors_total{provider="openai-custom",code="upstream_rate_limited"} 1');
    expect(page).toContain('aiproxy_provider_response_seconds_count{provider="openai-custom"} 2');
    const tokens = (kind: string) =>
      page.find((line) => line.startsWith('aiproxy_provider_tokens_used_total') && line.includes(`kind="${kind}"`));
    expect(tokens('input')).toMatch(/ 30$/);
    expect(tokens('cache_read')).toMatch(/ 65$/);
    expect(tokens('cache_write')).toMatch(/ 10$/);
    expect(tokens('output')).toMatch(/ 7$/);
  });

  it('is read anew at every scrape', async () => {
    const traffic = new Traffic();
    const registry = new MetricsRegistry({ processMetrics: false });
    exposeTraffic(registry, traffic);
    traffic.request('gemini', 200, 1, 1, 1);
    await registry.render();
    traffic.request('gemini', 200, 1, 1, 1);
    expect(await registry.render()).toContain('aiproxy_http_requests_total{protocol="gemini",status="200"} 2');
  });
});

describe('labels from outside are bounded', () => {
  it('models: the first ones are kept, the rest is other', async () => {
    const traffic = new Traffic();
    for (let at = 0; at < modelLabelsMax + 50; at++) traffic.attempt('a', 'openai-custom', `model-${at}`, 'ok', 1);
    const lines = (await pageOf(traffic)).filter((line) => line.startsWith('aiproxy_provider_requests_total{'));
    expect(lines).toHaveLength(modelLabelsMax + 1);
    expect(lines).toContain('aiproxy_provider_requests_total{provider="openai-custom",model="other"} 50');
  });

  it('models: names that no upstream has served take no room', async () => {
    const traffic = new Traffic();
    for (let at = 0; at < 1000; at++) traffic.attempt('a', 'openai-custom', `junk-${at}`, 'upstream_error', 1);
    traffic.attempt('a', 'openai-custom', 'real', 'ok', 1);
    const lines = (await pageOf(traffic)).filter((line) => line.startsWith('aiproxy_provider_requests_total{'));
    expect(lines).toEqual([
      'aiproxy_provider_requests_total{provider="openai-custom",model="other"} 1000',
      'aiproxy_provider_requests_total{provider="openai-custom",model="real"} 1',
    ]);
  });

  it('no name is used twice, and every name is well-formed', () => {
    const names = Object.values(metricNames).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => /^(aiproxy|amazonq)_[a-z_]+$/.test(name))).toBe(true);
    for (const { name, type } of Object.values(metricNames)) {
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
    }
  });
});

describe('other readings', () => {
  it('shows the queue', async () => {
    const registry = new MetricsRegistry({ processMetrics: false });
    const reading = { inFlight: 3, inFlightMax: 200, waiting: 2, waitingMax: 2000 };
    exposeQueue(registry, () => ({ ...reading, rejectedCount: 1, expiredCount: 4, oldestWaitMs: 1500 }));
    const page = (await registry.render()).split('\n');
    expect(page).toContain('aiproxy_queue_waiting 2');
    expect(page).toContain('aiproxy_queue_oldest_wait_seconds 1.5');
    expect(page).toContain('aiproxy_queue_rejected_total 1');
    expect(page).toContain('aiproxy_concurrency_max 200');
  });

  it('shows Amazon Q accounts, and only those, under their old names', async () => {
    const registry = new MetricsRegistry({ processMetrics: false });
    const traffic = new Traffic();
    const accounts = new FakeAccounts(systemClock);
    accounts.takeBroken('q1', 'amazonq');
    accounts.take('o1');
    exposeAmazonQ(registry, systemClock, () => accounts.all, traffic);
    traffic.attempt('q1', 'amazonq', 'claude', 'ok', 40);
    traffic.attempt('q1', 'amazonq', 'claude', 'upstream_error', 40);
    traffic.attempt('q1', 'amazonq', 'claude', 'abandoned', 40);
    traffic.attempt('o1', 'openai-custom', 'gpt', 'ok', 40);
    const text = await registry.render();
    expect(text).toContain('amazonq_requests_total{account="q1",status="success"} 1');
    expect(text).toContain('amazonq_requests_total{account="q1",status="error"} 1');
    expect(text).toContain('amazonq_errors_total{account="q1",error_type="upstream_error"} 1');
    expect(text).toContain('amazonq_account_available{account="q1"} 0');
    expect(text).toContain('amazonq_response_seconds_count{account="q1"} 3');
    expect(text).toContain('amazonq_response_seconds_bucket{account="q1",le="0.1"} 3');
    expect(text).toContain('amazonq_active_requests{account="q1"} 0');
    expect(text).toContain('amazonq_circuit_breaker_opened_total{account="q1"} 1');
    expect(text).not.toContain('o1');
    expect(text).not.toContain('abandoned');
  });

  it('shows the process when asked to', async () => {
    const text = await new MetricsRegistry({ processMetrics: true }).render();
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  });
});

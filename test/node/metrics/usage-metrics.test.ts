import { expect, it } from 'vitest';
import type { StoreNumbers } from '../../../node/metrics/contract.ts';
import { MetricsRegistry } from '../../../node/metrics/registry.ts';
import { exposeStore } from '../../../node/metrics/usage-metrics.ts';

it('shows how writing of traces goes', async () => {
  const registry = new MetricsRegistry({ processMetrics: false });
  let numbers: StoreNumbers = {
    state: 'spilling',
    waiting: 3,
    spilledBytes: 4_000,
    writtenTraces: 100,
    lostTraces: 7,
    failedWrites: 9,
    size: undefined,
  };
  exposeStore(registry, () => numbers);
  const page = await registry.render();
  for (const line of [
    'aiproxy_store_state{state="well"} 0',
    'aiproxy_store_state{state="spilling"} 1',
    'aiproxy_store_waiting_traces 3',
    'aiproxy_store_spilled_bytes 4000',
    'aiproxy_store_traces_written_total 100',
    'aiproxy_store_traces_lost_total 7',
    'aiproxy_store_write_failures_total 9',
    'aiproxy_store_size_bytes 0',
  ]) {
    expect(page.split('\n')).toContain(line);
  }
  numbers = { ...numbers, state: 'well', size: { bytes: 8_192, traces: 100 } };
  const later = (await registry.render()).split('\n');
  expect(later).toContain('aiproxy_store_state{state="well"} 1');
  expect(later).toContain('aiproxy_store_size_bytes 8192');
  expect(later).toContain('aiproxy_store_traces 100');
});

import type { MetricName } from './metric-name.ts';

/** Metrics of the store of traces and usage. */
export const usageMetricNames = {
  storeState: {
    name: 'aiproxy_store_state',
    help: '1 for how writing of traces goes: well, behind, spilling (to files), losing.',
    type: 'gauge',
    labels: { state: 4 },
  },
  storeWaiting: {
    name: 'aiproxy_store_waiting_traces',
    help: 'Traces in memory that are not written yet.',
    type: 'gauge',
    labels: {},
  },
  storeSpilled: {
    name: 'aiproxy_store_spilled_bytes',
    help: 'Files of traces that the store does not take at present.',
    type: 'gauge',
    labels: {},
  },
  storeWritten: {
    name: 'aiproxy_store_traces_written_total',
    help: 'Traces that this node wrote.',
    type: 'counter',
    labels: {},
  },
  storeLost: {
    name: 'aiproxy_store_traces_lost_total',
    help: 'Traces that could neither be written nor spilled; what they used is missing in /usage.',
    type: 'counter',
    labels: {},
  },
  storeFailures: {
    name: 'aiproxy_store_write_failures_total',
    help: 'Writes of batches that failed; they are tried again.',
    type: 'counter',
    labels: {},
  },
  storeBytes: {
    name: 'aiproxy_store_size_bytes',
    help: 'Disk that traces and usage take, looked at once an hour; 0 before.',
    type: 'gauge',
    labels: {},
  },
  storeTraces: {
    name: 'aiproxy_store_traces',
    help: 'Traces that are kept, looked at once an hour; 0 before.',
    type: 'gauge',
    labels: {},
  },
} as const satisfies Record<string, MetricName>;

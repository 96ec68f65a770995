import type { StoreBatch, TraceGroup } from '../../../node/store/contract.ts';
import { groupTraces } from '../../../node/store/trace-groups.ts';
import type { SizedBatch } from '../../../node/usage/batch-builder.ts';
import { UsageSums } from '../../../node/usage/usage-sums.ts';
import { aTrace } from './a-trace.ts';

/** A batch of one trace and one prompt; its group can be given otherwise. */
export function aBatch(id: string, group: Partial<TraceGroup> = {}): StoreBatch {
  const trace = aTrace();
  const sums = new UsageSums();
  sums.add(trace);
  const prompts = [
    { requestId: trace.requestId, key: trace.key, expiresAtMs: 5, content: Uint8Array.of(0, 1, 254, 255) },
  ];
  const [made] = groupTraces([trace]) as [TraceGroup];
  return {
    id,
    node: 'n1',
    groups: [{ ...made, ...group }],
    usage: sums.take(),
    prompts,
  };
}

/** As the builder makes them: so many traces, so many bytes. */
export function sized(id: string, traces = 1, bytes = 300): SizedBatch {
  return { batch: aBatch(id, { count: traces }), traces, bytes };
}

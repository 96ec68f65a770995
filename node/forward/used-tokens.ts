import type { Usage } from '../conversation/contract.ts';
import { type Call, noUsage } from './call.ts';
import { estimatePrompt } from './estimate-prompt.ts';
import type { Relay } from './relay/contract.ts';

/** Another attempt follows: what the latest one used, as far as its upstream said, was used all the same. */
export function keepUsage(call: Call): void {
  if (!hasCounts(call.usage)) {
    call.usage = noUsage;
    return;
  }
  call.usageBefore = call.usageBefore === undefined ? call.usage : sumOf(call.usageBefore, call.usage);
  call.usage = noUsage;
}

/**
 * Fills in what the upstream did not count of the latest attempt, by an estimate that is marked as one. `isWhole`: the
 * answer came to its end; otherwise it broke off, or its client left, after the request had gone out.
 */
export function completeUsage(call: Call, relay: Relay | undefined, isWhole: boolean): void {
  const { inputTotal, outputTotal } = call.usage;
  const { endpoint } = call;
  if (inputTotal !== undefined && (outputTotal !== undefined || isEmbedding(call))) return;
  if (call.isCount || (relay !== undefined && relay.estimateOutput === undefined)) return;
  if (relay === undefined && (isWhole || endpoint.kind === 'transparent')) return;
  const completed: Usage = { ...call.usage, estimated: true };
  completed.inputTotal ??= estimatePrompt(call.body);
  if (!isEmbedding(call)) completed.outputTotal ??= relay?.estimateOutput?.() ?? 0;
  call.usage = completed;
}

/** Vectors are no tokens. */
function isEmbedding({ endpoint }: Call): boolean {
  return endpoint.kind === 'protocol' ? endpoint.operation === 'embeddings' : endpoint.path.endsWith('/embeddings');
}

/** Whether anything was counted. */
export function hasCounts({ inputTotal, outputTotal }: Usage): boolean {
  return inputTotal !== undefined || outputTotal !== undefined;
}

/** What all attempts of a call used together. */
export function usageOf({ usage, usageBefore }: Call): Usage {
  return usageBefore === undefined ? usage : sumOf(usageBefore, usage);
}

function sumOf(earlier: Usage, later: Usage): Usage {
  const sum: Usage = { ...earlier };
  add(sum, 'inputTotal', later.inputTotal);
  add(sum, 'cacheRead', later.cacheRead);
  add(sum, 'cacheWrite', later.cacheWrite);
  add(sum, 'outputTotal', later.outputTotal);
  add(sum, 'reasoning', later.reasoning);
  if (later.estimated === true) sum.estimated = true;
  return sum;
}

type Count = 'inputTotal' | 'cacheRead' | 'cacheWrite' | 'outputTotal' | 'reasoning';

function add(sum: Usage, count: Count, more: number | undefined): void {
  if (more !== undefined) sum[count] = (sum[count] ?? 0) + more;
}

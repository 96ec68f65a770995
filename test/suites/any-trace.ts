import * as fc from 'fast-check';
import { RequestIds, seededRandom } from '../../kit/random.ts';
import type { StoreBatch, Trace, UsageCell, UsageCounts } from '../../node/store/contract.ts';
import { groupTraces } from '../../node/store/trace-groups.ts';

/** A whole hour. */
export const baseMs = 1_750_000_000_000 - (1_750_000_000_000 % 3_600_000);

let processes = 0;

/** A source of request ids for traces that start then. */
export function requestIdAt(): (startedAtMs: number) => string {
  let nowMs = 0;
  const ids = new RequestIds(seededRandom(++processes), { nowMs: () => nowMs });
  let monotonicMs = 0;
  return (startedAtMs) => {
    nowMs = startedAtMs;
    return ids.next((monotonicMs += 2_000));
  };
}

const nextId = requestIdAt();

/** An ordinary trace; its id fits its start. */
export function traceOf(over: Partial<Trace> = {}): Trace {
  const startedAtMs = over.startedAtMs ?? baseMs;
  return {
    requestId: nextId(startedAtMs),
    clientRequestId: undefined,
    user: 'u1',
    key: 'k1',
    node: 'n1',
    account: 'a1',
    provider: 'claude-custom',
    modelRequested: 'sonnet',
    modelServed: 'claude-sonnet-4-5',
    protocolIn: 'anthropic',
    protocolOut: 'anthropic',
    status: 200,
    errorCode: undefined,
    attempts: 1,
    cache: 'miss',
    queueWaitMs: 0,
    ttftMs: 312.5,
    durationMs: 1_850.1,
    promptTokens: 1_200,
    completionTokens: 340,
    cacheCreationTokens: 0,
    cacheReadTokens: undefined,
    usageEstimated: false,
    costNano: 8_700_000,
    currency: 'USD',
    startedAtMs,
    ...over,
  };
}

export function cellOf(over: Partial<UsageCell & UsageCounts> = {}): UsageCell & UsageCounts {
  return {
    hourMs: baseMs,
    key: 'k1',
    user: 'u1',
    account: 'a1',
    model: 'm1',
    currency: 'USD',
    requests: 1,
    errors: 0,
    promptTokens: 10,
    completionTokens: 5,
    cacheCreationTokens: 2,
    cacheReadTokens: 1,
    costNano: 100,
    estimated: 0,
    ...over,
  };
}

let batches = 0;

export function batchOf(over: Partial<StoreBatch> & { traces?: readonly Trace[] } = {}): StoreBatch {
  const { traces = [], ...rest } = over;
  return { id: `b${++batches}`, node: 'n1', groups: groupTraces(traces), usage: [], prompts: [], ...rest };
}

/** Texts as somebody would send who wants something else done than stored. */
export const hostileTexts = [
  "'; DROP TABLE trace_groups; --",
  '" OR ""="',
  "x' UNION SELECT * FROM prompts --",
  '%',
  '_',
  '[4',
  '[[200,"req_',
  '$1',
  '?',
  '\\',
  '\\u0000',
  '"],["',
  '\u{2028}😀',
];

/** Traces of two hours with few keys, models and statuses, so that all of them overlap. */
export const anyTraces = fc
  .array(
    fc.record({
      key: fc.constantFrom('k1', 'k2', 'k3'),
      user: fc.constantFrom('u1', 'u2', undefined),
      account: fc.constantFrom('a1', 'a2', undefined),
      modelRequested: fc.constantFrom('m1', 'm2', ...hostileTexts),
      modelServed: fc.constantFrom('m1', 'm3', undefined),
      status: fc.constantFrom(200, 400, 429, 499, 500, 503),
      // Many of the same millisecond.
      startedAtMs: fc.oneof(
        fc.integer({ min: 0, max: 20 }).map((at) => baseMs + at),
        fc.integer({ min: 0, max: 7_200_000 }).map((at) => baseMs + at),
      ),
    }),
    { maxLength: 120 },
  )
  .map((list) => list.map((over) => traceOf(over)));

import type { Clock } from '../../kit/clock.ts';
import { RequestIds, seededRandom } from '../../kit/random.ts';
import type { StoreBatch, Trace, UsageCell, UsageCounts } from '../../node/store/contract.ts';
import { groupTraces } from '../../node/store/trace-groups.ts';

const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
export const days = 30;

/** The first key has a seventh of all requests, the last one in 3,400. */
const keyCount = 500;
/**
 * Ten million in a month are four a second: each would be flushed alone, so each is a group of its own, which is dearest
 * to read. They are only written together so that it does not take a day.
 */
const batchSize = 1_000;
/** A trace is written when its request ends: up to so long after later ones that were shorter. */
const durationMsMax = 30_000;

const models = ['gpt-5', 'claude-sonnet-4-5', 'claude-opus-4-1', 'gemini-3-pro', 'qwen3-coder-plus'];

/** Requests of 30 days, evenly spread, of keys that are used unevenly; the same each time. */
export class MonthOfTraces {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  readonly #random = seededRandom(7);
  readonly #shares: number[];
  #nowMs = 0;
  readonly #ids: RequestIds;

  constructor(count: number, endMs: number) {
    this.count = count;
    this.toMs = Math.floor(endMs / dayMs) * dayMs;
    this.fromMs = this.toMs - days * dayMs;
    this.#ids = new RequestIds(this.#random, { nowMs: () => this.#nowMs } satisfies Pick<Clock, 'nowMs'>);
    this.#shares = sharesOf(keyCount);
  }

  /** A key by its rank, from 0: the most used first. */
  keyOf(rank: number): string {
    return `key_${(rank + 1_000_000).toString(36)}x8m2`;
  }

  get keyCount(): number {
    return keyCount;
  }

  *batches(): Generator<StoreBatch> {
    for (let first = 0; first < this.count; first += batchSize) {
      const size = Math.min(batchSize, this.count - first);
      const traces = Array.from({ length: size }, (_, index) => this.#trace(first + index));
      yield {
        id: `bench-${first}`,
        node: 'n1',
        groups: traces.flatMap((trace) => groupTraces([trace])),
        usage: cellsOf(traces),
        prompts: [],
      };
    }
  }

  #trace(index: number): Trace {
    const random = this.#random;
    const durationMs = random.next() ** 4 * durationMsMax;
    const endedAtMs = this.fromMs + (index / this.count) * (this.toMs - this.fromMs);
    const startedAtMs = Math.max(this.fromMs, Math.floor(endedAtMs - durationMs));
    const rank = this.#rank();
    const model = models[rank % models.length] as string;
    const status = random.next() < 0.98 ? 200 : 500 + random.below(4);
    this.#nowMs = startedAtMs;
    return {
      requestId: this.#ids.next(index * 2_000),
      clientRequestId: undefined,
      user: `usr_${rank % 100}q7f3`,
      key: this.keyOf(rank),
      node: 'n1',
      account: `account-${random.below(8)}`,
      provider: 'claude-custom',
      modelRequested: model,
      modelServed: `${model}-20260101`,
      protocolIn: 'anthropic',
      protocolOut: 'anthropic',
      status,
      errorCode: status === 200 ? undefined : 'upstream_error',
      attempts: 1,
      cache: 'miss',
      queueWaitMs: 0,
      ttftMs: durationMs / 3,
      durationMs,
      promptTokens: random.below(4_000),
      completionTokens: random.below(1_000),
      cacheCreationTokens: 0,
      cacheReadTokens: random.below(20_000),
      usageEstimated: false,
      costNano: random.below(50_000_000),
      currency: 'USD',
      startedAtMs,
    };
  }

  #rank(): number {
    const at = this.#random.next();
    let low = 0;
    for (let high = keyCount - 1; low < high;) {
      const middle = (low + high) >> 1;
      if ((this.#shares[middle] as number) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Sums of 1, 1/2, 1/3, … as parts of their whole: Zipf's law. */
function sharesOf(count: number): number[] {
  let sum = 0;
  const sums = Array.from({ length: count }, (_, rank) => (sum += 1 / (rank + 1)));
  return sums.map((each) => each / sum);
}

function cellsOf(traces: readonly Trace[]): (UsageCell & UsageCounts)[] {
  const cells = new Map<string, UsageCell & UsageCounts>();
  for (const trace of traces) {
    const cell = cellOf(trace);
    const name = `${cell.hourMs} ${cell.key} ${cell.account} ${cell.model}`;
    const known = cells.get(name);
    if (known === undefined) cells.set(name, cell);
    else add(known, cell);
  }
  return [...cells.values()];
}

function cellOf(trace: Trace): UsageCell & UsageCounts {
  return {
    hourMs: Math.floor(trace.startedAtMs / hourMs) * hourMs,
    key: trace.key,
    user: trace.user ?? '',
    account: trace.account ?? '',
    model: trace.modelServed ?? '',
    currency: trace.currency ?? '',
    requests: 1,
    errors: trace.status < 400 ? 0 : 1,
    promptTokens: trace.promptTokens ?? 0,
    completionTokens: trace.completionTokens ?? 0,
    cacheCreationTokens: trace.cacheCreationTokens ?? 0,
    cacheReadTokens: trace.cacheReadTokens ?? 0,
    costNano: trace.costNano ?? 0,
    estimated: 0,
  };
}

function add(sum: UsageCounts, more: UsageCounts): void {
  sum.requests += more.requests;
  sum.errors += more.errors;
  sum.promptTokens += more.promptTokens;
  sum.completionTokens += more.completionTokens;
  sum.cacheReadTokens += more.cacheReadTokens;
  sum.costNano += more.costNano;
}

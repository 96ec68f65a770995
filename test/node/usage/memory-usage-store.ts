import { Fault } from '../../../kit/fault.ts';
import type {
  KeptPrompt,
  KeySum,
  PruneLimits,
  StoreBatch,
  Trace,
  TraceQuery,
  UsageCounts,
  UsageCell,
  UsageQuery,
  UsageRow,
  UsageStore,
} from '../../../node/store/contract.ts';
import { decodeTrace, parseRows } from '../../../node/store/trace-row.ts';
import { storeFaults } from '../../../node/store/faults.ts';
import { emptyCounts } from '../../../node/usage/usage-sums.ts';

/** The contract of a store, in memory: batches are written once, all of it or nothing. */
export class MemoryUsageStore implements UsageStore {
  readonly isShared: boolean;
  readonly batches = new Map<string, StoreBatch>();
  /** Every try, in order. */
  readonly tried: string[] = [];
  readonly pruned: PruneLimits[] = [];
  /** What a write is refused with. */
  refusal: (batch: StoreBatch) => Error | undefined = () => undefined;
  /** What questions are refused with. */
  silence: Error | undefined;
  /** Writes wait for this. */
  gate: Promise<void> = Promise.resolve();

  constructor(isShared = false) {
    this.isShared = isShared;
  }

  async write(batch: StoreBatch): Promise<void> {
    this.tried.push(batch.id);
    await this.gate;
    const refusal = this.refusal(batch);
    if (refusal !== undefined) throw refusal;
    if (!this.batches.has(batch.id)) this.batches.set(batch.id, structuredClone(batch));
  }

  /** From now on no write succeeds. */
  fail(): void {
    this.refusal = () => storeFaults.store_unavailable('the disk is full');
  }

  mend(): void {
    this.refusal = () => undefined;
  }

  get allTraces(): Trace[] {
    return [...this.batches.values()].flatMap(({ groups, node }) =>
      groups.flatMap(({ key, rows }) => parseRows(rows).map((row) => decodeTrace(row, key, node) as Trace)),
    );
  }

  async usage(query: UsageQuery): Promise<UsageRow[]> {
    this.#ask();
    const sums = new Map<string, UsageRow>();
    for (const cell of this.#cells(query)) {
      const group = groupOf(cell, query.groupBy);
      const row = sums.get(`${group} ${cell.currency}`) ?? { group, currency: cell.currency, ...emptyCounts() };
      sums.set(`${group} ${cell.currency}`, row);
      for (const name of countNames) row[name] += cell[name];
    }
    return [...sums.values()].sort((left, right) => (left.group < right.group ? -1 : 1));
  }

  async traces(query: TraceQuery): Promise<Trace[]> {
    this.#ask();
    const { fromMs, toMs, limit, after, status } = query;
    return this.allTraces
      .filter((trace) => trace.startedAtMs >= fromMs && trace.startedAtMs < toMs)
      .filter((trace) => query.key === undefined || trace.key === query.key)
      .filter((trace) => query.user === undefined || trace.user === query.user)
      .filter((trace) => status === undefined || [trace.status, Math.floor(trace.status / 100)].includes(status))
      .filter((trace) => after === undefined || latestFirst(after, trace) < 0)
      .sort(latestFirst)
      .slice(0, limit);
  }

  async trace(requestId: string): Promise<Trace | undefined> {
    this.#ask();
    return this.allTraces.find((trace) => trace.requestId === requestId);
  }

  async prompt(requestId: string): Promise<KeptPrompt | undefined> {
    this.#ask();
    const prompts = [...this.batches.values()].flatMap((batch) => batch.prompts);
    return prompts.find((prompt) => prompt.requestId === requestId);
  }

  async sums(): Promise<KeySum[]> {
    throw new Error('nobody asks for these here');
  }

  async prune(limits: PruneLimits): Promise<{ traces: number; usage: number; prompts: number }> {
    this.pruned.push(limits);
    return { traces: 1, usage: 0, prompts: 0 };
  }

  async size(): Promise<{ bytes: number; traces: number }> {
    return { bytes: 4096, traces: this.allTraces.length };
  }

  async close(): Promise<void> {}

  #ask(): void {
    if (this.silence !== undefined) throw this.silence;
  }

  #cells(query: UsageQuery): (UsageCell & UsageCounts)[] {
    const cells = [...this.batches.values()].flatMap(({ usage }) => usage);
    return cells.filter(
      (cell) =>
        cell.hourMs >= query.fromMs &&
        cell.hourMs < query.toMs &&
        (query.key ?? cell.key) === cell.key &&
        (query.user ?? cell.user) === cell.user &&
        (query.account ?? cell.account) === cell.account &&
        (query.model ?? cell.model) === cell.model,
    );
  }
}

const countNames = Object.keys(emptyCounts()) as (keyof UsageCounts)[];

function groupOf(cell: UsageCell, groupBy: UsageQuery['groupBy']): string {
  if (groupBy === 'hour') return new Date(cell.hourMs).toISOString();
  return groupBy === 'day' ? new Date(cell.hourMs).toISOString().slice(0, 10) : cell[groupBy];
}

function latestFirst(
  left: { startedAtMs: number; requestId: string },
  right: { startedAtMs: number; requestId: string },
): number {
  if (left.startedAtMs !== right.startedAtMs) return right.startedAtMs - left.startedAtMs;
  if (left.requestId === right.requestId) return 0;
  return left.requestId < right.requestId ? 1 : -1;
}

/** A batch that no store takes. */
export function refused(): Fault {
  return storeFaults.store_batch_refused('it is not what it should be');
}

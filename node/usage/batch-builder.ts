import type { KeptPrompt, StoreBatch, Trace, TraceGroup } from '../store/contract.ts';
import { joinRows } from '../store/trace-groups.ts';
import { encodeTrace } from '../store/trace-row.ts';
import { UsageSums } from './usage-sums.ts';

/** A batch and how much it is. */
export interface SizedBatch {
  readonly batch: StoreBatch;
  readonly traces: number;
  /** Memory that it takes, roughly. */
  readonly bytes: number;
}

interface Group {
  fromMs: number;
  toMs: number;
  readonly rows: string[];
}

/** Fields of one sum, in memory and as a row. */
const sumBytes = 300;

/** Puts a batch together, a few traces at a time. */
export class BatchBuilder {
  readonly #node: string;
  readonly #groups = new Map<string, Group>();
  readonly #sums = new UsageSums();
  #prompts: KeptPrompt[] = [];

  constructor(node: string) {
    this.#node = node;
  }

  /** Traces put in since the last batch. */
  traces = 0;
  /** Of their rows and of prompts. */
  bytes = 0;

  get isEmpty(): boolean {
    return this.traces === 0 && this.#prompts.length === 0;
  }

  addTrace(trace: Trace): void {
    const row = encodeTrace(trace);
    const startedAtMs = Math.floor(trace.startedAtMs);
    const group = this.#groups.get(trace.key);
    if (group === undefined) this.#groups.set(trace.key, { fromMs: startedAtMs, toMs: startedAtMs, rows: [row] });
    else {
      if (startedAtMs < group.fromMs) group.fromMs = startedAtMs;
      if (startedAtMs > group.toMs) group.toMs = startedAtMs;
      group.rows.push(row);
    }
    this.#sums.add(trace);
    this.traces++;
    this.bytes += row.length;
  }

  addPrompt(prompt: KeptPrompt): void {
    this.#prompts.push(prompt);
    this.bytes += prompt.content.length;
  }

  /** All of it as one batch; begins anew. */
  take(id: string): SizedBatch {
    const groups = [...this.#groups].map(([key, group]) => asTraceGroup(key, group));
    const usage = this.#sums.take();
    const bytes = this.bytes + usage.length * sumBytes;
    const made = { batch: { id, node: this.#node, groups, usage, prompts: this.#prompts }, traces: this.traces, bytes };
    this.#groups.clear();
    this.#prompts = [];
    this.bytes = 0;
    this.traces = 0;
    return made;
  }
}

function asTraceGroup(key: string, { fromMs, toMs, rows }: Group): TraceGroup {
  return { key, fromMs, toMs, count: rows.length, rows: joinRows(rows) };
}

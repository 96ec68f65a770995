import type { Sealer } from '../../cluster/contract.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import type { Trace } from '../store/contract.ts';
import { BatchBuilder, type SizedBatch } from './batch-builder.ts';
import type { PromptRecord, UsageRecorder } from './contract.ts';
import {
  batchBytesMax,
  batchTracesMax,
  flushDelayMs,
  recordedPromptsBytesMax,
  recordedTracesMax,
  sliceSealBytesMax,
  sliceTracesMax,
} from './limits.ts';
import { sealPrompt } from './sealed-prompt.ts';

/** What is being put together, and how far that is. */
interface Work {
  readonly traces: readonly Trace[];
  readonly prompts: readonly PromptRecord[];
  trace: number;
  prompt: number;
}

export interface RecorderParts {
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly node: string;
  /** Differs from that of every other start of a node. */
  readonly startMark: string;
  readonly onBatch: (batch: SizedBatch) => void;
  /** There was no room for so many. */
  readonly onLost: (traces: number, prompts: number) => void;
}

/**
 * Takes the traces of the hot path, which costs a place in a list each, and puts them together later: 100 ms after the
 * first, a few at a time, so that no turn of the event loop is held up.
 *
 *     record ─► list ─(100 ms, or 1,000)─► slices of 256 ─► batch ─► onBatch
 */
export class TraceRecorder implements UsageRecorder {
  readonly #parts: RecorderParts;
  readonly #builder: BatchBuilder;
  #traces: Trace[] = [];
  #prompts: PromptRecord[] = [];
  #promptBytes = 0;
  #work: Work | undefined;
  #timer: Timer | undefined;
  #isStopped = false;
  #batches = 0;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#builder = new BatchBuilder(parts.node);
  }

  /** Traces that are in no batch yet. */
  get waiting(): number {
    return this.#traces.length + (this.#work === undefined ? 0 : this.#work.traces.length - this.#work.trace);
  }

  record(trace: Trace): void {
    if (this.#traces.length >= recordedTracesMax || this.#isStopped) return this.#parts.onLost(1, 0);
    const count = this.#traces.push(trace);
    if (this.#timer === undefined) this.#plan(flushDelayMs);
    else if (count === batchTracesMax && this.#work === undefined) this.#hurry();
  }

  keepPrompt(record: PromptRecord): void {
    const bytes = record.prompt.length + record.answer.length;
    if (this.#promptBytes + bytes > recordedPromptsBytesMax || this.#isStopped) return this.#parts.onLost(0, 1);
    this.#promptBytes += bytes;
    this.#prompts.push(record);
    if (this.#timer === undefined) this.#plan(flushDelayMs);
  }

  /** Puts all of it together at once. What comes afterwards is lost. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    while (this.#advance()) continue;
  }

  #plan(delayMs: number): void {
    this.#timer = this.#parts.clock.after(delayMs, () => this.#turn());
  }

  #hurry(): void {
    this.#timer?.cancel();
    this.#plan(0);
  }

  /** One slice; the next one follows in another turn. */
  #turn(): void {
    this.#timer = undefined;
    this.#advance();
    if (this.#work !== undefined || this.#traces.length >= batchTracesMax) this.#plan(0);
    else if (this.#traces.length > 0 || this.#prompts.length > 0) this.#plan(flushDelayMs);
  }

  /** False when there is nothing to do. */
  #advance(): boolean {
    const work = (this.#work ??= this.#begin());
    if (work === undefined) return false;
    const end = Math.min(work.trace + sliceTracesMax, work.traces.length);
    for (const trace of work.traces.slice(work.trace, end)) this.#add(trace);
    work.trace = end;
    this.#seal(work);
    const isDone = end === work.traces.length && work.prompt === work.prompts.length;
    if (isDone) this.#work = undefined;
    if (isDone) this.#finish();
    return true;
  }

  #begin(): Work | undefined {
    if (this.#traces.length === 0 && this.#prompts.length === 0) return undefined;
    const work = { traces: this.#traces, prompts: this.#prompts, trace: 0, prompt: 0 };
    this.#traces = [];
    this.#prompts = [];
    return work;
  }

  #add(trace: Trace): void {
    this.#builder.addTrace(trace);
    if (this.#builder.traces >= batchTracesMax) this.#finish();
  }

  #seal(work: Work): void {
    const { clock, sealer } = this.#parts;
    for (let bytes = 0; bytes < sliceSealBytesMax; work.prompt++) {
      const record = work.prompts[work.prompt];
      if (record === undefined) return;
      const length = record.prompt.length + record.answer.length;
      this.#builder.addPrompt(sealPrompt(record, sealer, clock.nowMs()));
      this.#promptBytes -= length;
      bytes += length;
      if (this.#builder.bytes >= batchBytesMax) this.#finish();
    }
  }

  #finish(): void {
    if (this.#builder.isEmpty) return;
    const { node, startMark, onBatch } = this.#parts;
    onBatch(this.#builder.take(`${node}/${startMark}/${++this.#batches}`));
  }
}

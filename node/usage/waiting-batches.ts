import type { SizedBatch } from './batch-builder.ts';

export interface WaitingBatch extends SizedBatch {
  /** Monotonic ms. */
  readonly sinceMs: number;
}

/** Batches in memory, oldest first, with what they amount to. */
export class WaitingBatches {
  #batches: WaitingBatch[] = [];
  traces = 0;
  bytes = 0;

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  get oldest(): WaitingBatch | undefined {
    return this.#batches[0];
  }

  push(batch: WaitingBatch): void {
    this.#batches.push(batch);
    this.#count(batch, 1);
  }

  /** Puts one back that was taken out. */
  unshift(batch: WaitingBatch): void {
    this.#batches.unshift(batch);
    this.#count(batch, 1);
  }

  shift(): WaitingBatch | undefined {
    const batch = this.#batches.shift();
    if (batch !== undefined) this.#count(batch, -1);
    return batch;
  }

  #count({ traces, bytes }: WaitingBatch, sign: 1 | -1): void {
    this.traces += sign * traces;
    this.bytes += sign * bytes;
  }
}

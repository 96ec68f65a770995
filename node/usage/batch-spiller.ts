import type { Clock, Timer } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { StoreBatch } from '../store/contract.ts';
import { spillAfterMs, spillRetryMs, waitingBytesMax, waitingTracesMax } from './limits.ts';
import type { SpillFolder } from './spill-folder.ts';
import type { WaitingBatches } from './waiting-batches.ts';

export interface BatchSpillerParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly memory: WaitingBatches;
  readonly spill: SpillFolder;
  /** What was in memory is in files, or back in memory. */
  readonly onTried: () => void;
}

/** Takes what has waited too long, or is too much, from memory to files. */
export class BatchSpiller {
  readonly #parts: BatchSpillerParts;
  #timer: Timer | undefined;
  #isSpilling = false;
  #isStopped = false;
  /** Monotonic ms of the last failure since it worked. */
  #failedMs: number | undefined;

  constructor(parts: BatchSpillerParts) {
    this.#parts = parts;
  }

  /** Call it whenever something new waits. */
  look(): void {
    const { clock, memory } = this.#parts;
    const { oldest } = memory;
    if (oldest === undefined || this.#isSpilling || this.#isStopped) return;
    const isFull = memory.traces > waitingTracesMax / 2 || memory.bytes > waitingBytesMax / 2;
    if (this.#timer !== undefined && !isFull) return;
    const nowMs = clock.monotonicMs();
    const dueMs = isFull ? nowMs : oldest.sinceMs + spillAfterMs;
    const againMs = this.#failedMs === undefined ? nowMs : this.#failedMs + spillRetryMs;
    const delayMs = Math.max(dueMs, againMs) - nowMs;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (delayMs <= 0) void this.#spill();
    else this.#timer = clock.after(delayMs, () => this.#lookAgain());
  }

  /** Spills all that waits, and closes the files. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#spillAll();
    await this.#parts.spill.close().catch((error: unknown) => this.#failed({ error }));
  }

  #lookAgain(): void {
    this.#timer = undefined;
    this.look();
  }

  async #spill(): Promise<void> {
    this.#isSpilling = true;
    await this.#spillAll();
    await this.#parts.spill.sync().catch((error: unknown) => this.#failed({ error }));
    this.#isSpilling = false;
    this.#parts.onTried();
  }

  async #spillAll(): Promise<void> {
    const { memory } = this.#parts;
    for (let waiting = memory.shift(); waiting !== undefined; waiting = memory.shift()) {
      if (!(await this.#spillOne(waiting.batch))) return memory.unshift(waiting);
      this.#failedMs = undefined;
    }
  }

  /** False when the disk does not take it. */
  async #spillOne(batch: StoreBatch): Promise<boolean> {
    try {
      const isSpilled = await this.#parts.spill.append(batch);
      if (!isSpilled) this.#failed({ spilledBytes: this.#parts.spill.bytes });
      return isSpilled;
    } catch (error) {
      this.#failed({ error });
      return false;
    }
  }

  #failed(fields: { error?: unknown; spilledBytes?: number }): void {
    const { log, clock } = this.#parts;
    if (this.#failedMs === undefined) log.error('Traces can wait in files no more; they are kept in memory.', fields);
    this.#failedMs = clock.monotonicMs();
  }
}

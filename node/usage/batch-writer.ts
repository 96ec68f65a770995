import { backoffMs } from '../../kit/backoff.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import type { StoreBatch, UsageStore } from '../store/contract.ts';
import { troubleLogPeriodMs, writeBackoff } from './limits.ts';
import type { LossLog } from './loss-log.ts';
import { Refusals } from './refusals.ts';
import type { SpillFolder } from './spill-folder.ts';
import { tracesIn } from './spill-line.ts';
import type { WaitingBatch, WaitingBatches } from './waiting-batches.ts';

export interface BatchWriterParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly store: Pick<UsageStore, 'write'>;
  readonly memory: WaitingBatches;
  readonly spill: SpillFolder;
  readonly losses: LossLog;
  /** A batch is back in memory. */
  readonly onBack: () => void;
}

/** What is being written; `waiting` for what goes back to memory if that fails. */
interface Attempt {
  readonly batch: StoreBatch;
  readonly waiting: WaitingBatch | undefined;
}

/** Writes batches to the store, one at a time, from memory and from files. What fails is tried again under the same id. */
export class BatchWriter {
  readonly #parts: BatchWriterParts;
  readonly #refusals = new Refusals();
  #attempt: Attempt | undefined;
  #running: Promise<void> | undefined;
  #retry: Timer | undefined;
  #isFileTurn = false;
  #isDraining = false;
  #isStopped = false;
  #written = 0;
  #toldMs: number | undefined;
  /** In a row. */
  failures = 0;
  writtenTraces = 0;
  failedWrites = 0;

  constructor(parts: BatchWriterParts) {
    this.#parts = parts;
  }

  /** The batch of memory that is being written. */
  get underWay(): WaitingBatch | undefined {
    return this.#attempt?.waiting;
  }

  /** Call it whenever something new waits. */
  write(): void {
    if (this.#running !== undefined || this.#isStopped || this.#retry !== undefined || !this.#hasWork()) return;
    this.#running = this.#run();
  }

  /** Writes what is in memory, as long as that works and at most so long. Answers what was being written by then. */
  async drain(drainMs: number): Promise<WaitingBatch | undefined> {
    this.#isDraining = true;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.write();
    await this.#within(drainMs, this.#running);
    this.#isStopped = true;
    return this.underWay;
  }

  #hasWork(): boolean {
    return !this.#parts.memory.isEmpty || (!this.#isDraining && !this.#parts.spill.isEmpty);
  }

  /** Until nothing is left, or one fails. */
  async #run(): Promise<void> {
    let isWorking = true;
    while (isWorking && this.#hasWork() && !this.#isStopped) isWorking = await this.#writeNext();
    this.#running = undefined;
    if (!isWorking && !this.#isDraining) this.#tryLater();
  }

  #tryLater(): void {
    const { clock, random } = this.#parts;
    this.#retry = clock.after(backoffMs(this.failures - 1, writeBackoff, random), () => {
      this.#retry = undefined;
      this.write();
    });
  }

  /** False when it failed. */
  async #writeNext(): Promise<boolean> {
    try {
      this.#attempt = await this.#next();
      if (this.#attempt === undefined) return true;
      await this.#parts.store.write(this.#attempt.batch);
      await this.#succeeded(this.#attempt);
      return true;
    } catch (error) {
      await this.#failed(this.#attempt, error);
      return false;
    } finally {
      this.#attempt = undefined;
    }
  }

  /** In turns from files and from memory, so that neither waits for the other to end. */
  async #next(): Promise<Attempt | undefined> {
    const { spill, memory } = this.#parts;
    this.#isFileTurn = !this.#isFileTurn;
    if (!this.#isDraining && !spill.isEmpty && (this.#isFileTurn || memory.isEmpty)) {
      const batch = await spill.peek();
      if (batch !== undefined) return { batch, waiting: undefined };
    }
    const waiting = memory.shift();
    return waiting === undefined ? undefined : { batch: waiting.batch, waiting };
  }

  async #succeeded({ batch, waiting }: Attempt): Promise<void> {
    this.#attempt = undefined;
    this.#written++;
    this.writtenTraces += tracesIn(batch);
    if (this.failures > 0) this.#parts.log.info('Traces are written again.');
    this.failures = 0;
    if (waiting === undefined) await this.#parts.spill.shift();
  }

  async #failed(attempt: Attempt | undefined, error: unknown): Promise<void> {
    this.failures++;
    this.failedWrites++;
    this.#tell(error);
    // Otherwise it was not the store: the file was not to be read, or not to be deleted.
    if (attempt === undefined || this.#isStopped) return;
    if (this.#refusals.isHopeless(attempt.batch.id, error, this.#written)) await this.#giveUp(attempt, error);
    // To the end: if it is this batch that cannot be written, others can.
    else if (attempt.waiting !== undefined) this.#putBack(attempt.waiting);
  }

  #putBack(waiting: WaitingBatch): void {
    this.#attempt = undefined;
    this.#parts.memory.push(waiting);
    this.#parts.onBack();
  }

  async #giveUp({ batch, waiting }: Attempt, error: unknown): Promise<void> {
    const { spill, losses, log } = this.#parts;
    log.error('The store never takes this batch of traces; it is put aside in the folder of what was spilled.', {
      batch: batch.id,
      error,
    });
    losses.add(tracesIn(batch), batch.prompts.length);
    await spill.putAside(batch).catch((cause: unknown) => log.warn('It cannot be put aside.', { error: cause }));
    if (waiting === undefined) await spill.shift().catch((cause: unknown) => this.#tell(cause));
  }

  #tell(error: unknown): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.#toldMs !== undefined && nowMs - this.#toldMs < troubleLogPeriodMs) return;
    this.#toldMs = nowMs;
    this.#parts.log.warn('Traces cannot be written at present; they are kept for later.', { error });
  }

  async #within(boundMs: number, end: Promise<void> | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#parts.clock.after(boundMs, resolve);
    await Promise.race([promise, end]);
    timer.cancel();
  }
}

import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import type { UsageStore } from '../store/contract.ts';
import type { SizedBatch } from './batch-builder.ts';
import { BatchSpiller } from './batch-spiller.ts';
import { BatchWriter } from './batch-writer.ts';
import type { RecorderReading } from './contract.ts';
import { behindAfterMs, waitingBytesMax, waitingTracesMax } from './limits.ts';
import type { LossLog } from './loss-log.ts';
import type { SpillFolder } from './spill-folder.ts';
import { WaitingBatches } from './waiting-batches.ts';

export interface OutboxParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly store: Pick<UsageStore, 'write'>;
  /** Loaded. */
  readonly spill: SpillFolder;
  readonly losses: LossLog;
}

/**
 * Batches on their way to the store. What cannot wait in memory any longer goes to files, and from there to the store
 * once that takes batches again; only what the disk does not take either is lost, the oldest first.
 *
 *     add ─► memory ──────────────► store
 *               └─► spill folder ────┘
 */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #memory = new WaitingBatches();
  readonly #writer: BatchWriter;
  readonly #spiller: BatchSpiller;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#writer = new BatchWriter({ ...parts, memory: this.#memory, onBack: () => this.#look() });
    this.#spiller = new BatchSpiller({ ...parts, memory: this.#memory, onTried: () => this.#look() });
  }

  /** Begins with what earlier processes spilled. */
  start(): void {
    this.#writer.write();
  }

  add(sized: SizedBatch): void {
    this.#memory.push({ ...sized, sinceMs: this.#parts.clock.monotonicMs() });
    this.#look();
  }

  reading(): Omit<RecorderReading, 'lostTraces'> {
    const { writtenTraces, failedWrites, underWay } = this.#writer;
    return {
      state: this.#state(),
      waiting: this.#memory.traces + (underWay?.traces ?? 0),
      spilledBytes: this.#parts.spill.bytes,
      writtenTraces,
      failedWrites,
    };
  }

  /**
   * Writes what waits, as long as that works and for `drainMs` at most; spills the rest. What is being written by then
   * is spilled as well: the store knows it by its id when it comes again.
   */
  async stop(drainMs: number): Promise<void> {
    const unsettled = await this.#writer.drain(drainMs);
    if (unsettled !== undefined) this.#memory.unshift(unsettled);
    await this.#spiller.stop();
    for (let lost = this.#memory.shift(); lost !== undefined; lost = this.#memory.shift()) this.#lose(lost);
  }

  #look(): void {
    this.#makeRoom();
    this.#writer.write();
    this.#spiller.look();
  }

  #state(): RecorderReading['state'] {
    const { spill, losses, clock } = this.#parts;
    if (losses.isRecent) return 'losing';
    if (!spill.isEmpty) return 'spilling';
    const { sinceMs } = this.#writer.underWay ?? this.#memory.oldest ?? {};
    const isLate = sinceMs !== undefined && clock.monotonicMs() - sinceMs > behindAfterMs;
    return isLate || this.#writer.failures > 0 ? 'behind' : 'well';
  }

  /** More than memory may hold, and nowhere to put it. */
  #makeRoom(): void {
    while (this.#memory.traces > waitingTracesMax || this.#memory.bytes > waitingBytesMax) {
      const lost = this.#memory.shift();
      if (lost === undefined) return;
      this.#lose(lost);
    }
  }

  #lose({ traces, batch }: SizedBatch): void {
    this.#parts.losses.add(traces, batch.prompts.length);
  }
}

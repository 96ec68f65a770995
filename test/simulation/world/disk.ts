import type { Random } from '../../../kit/random.ts';
import { DiskError } from './disk-error.ts';
import type { EventQueue } from './event-queue.ts';

export interface DiskHabits {
  readonly writeMinMs: number;
  readonly writeMeanMs: number;
  /** Writes that fail. */
  readonly failRate: number;
}

interface Write {
  apply(): void;
}

/** Where a process writes: ordered, slow, sometimes failing. A kill keeps some of what was not yet confirmed. */
export class Disk {
  habits: DiskHabits;
  failed = 0;
  readonly #queue: EventQueue;
  readonly #random: Random;
  #pending: Write[] = [];
  #lastMs = 0;

  constructor(queue: EventQueue, random: Random, habits: DiskHabits) {
    this.#queue = queue;
    this.#random = random;
    this.habits = habits;
  }

  /** `apply` makes it durable; `done` follows as a turn of the process. */
  write(apply: () => void, done: (error?: unknown) => void): void {
    const { writeMinMs, writeMeanMs, failRate } = this.habits;
    const write: Write = { apply };
    const tookMs = writeMinMs - Math.log(1 - this.#random.next()) * writeMeanMs;
    const isFailing = failRate > 0 && this.#random.next() < failRate;
    this.#lastMs = Math.max(this.#lastMs, this.#queue.nowMs + tookMs);
    this.#pending.push(write);
    this.#queue.after(this.#lastMs - this.#queue.nowMs, () => {
      const place = this.#pending.indexOf(write);
      if (place < 0) return;
      this.#pending.splice(place, 1);
      if (isFailing) this.failed++;
      else apply();
      done(isFailing ? new DiskError('the disk is full') : undefined);
    });
  }

  /** The process was killed: of what was under way the first few reached the platter, and nobody was told. */
  crash(): void {
    const kept = this.#random.below(this.#pending.length + 1);
    for (const write of this.#pending.slice(0, kept)) write.apply();
    this.#pending = [];
  }
}

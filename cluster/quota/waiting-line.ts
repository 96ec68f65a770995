import type { Clock, Timer } from '../../kit/clock.ts';
import { BoundedQueue, type QueuePlace } from '../../kit/bounded-queue.ts';
import { waitersOfBucketMax } from './limits.ts';

export interface Waiter {
  readonly amount: number;
  /** Called once. */
  readonly done: (isTaken: boolean) => void;
}

interface Entry extends Waiter {
  timer: Timer | undefined;
  place: QueuePlace<Entry> | undefined;
}

/** Those who wait for units of one bucket, first come, first served, each until its own deadline. */
export class WaitingLine {
  /** Units that all of them want. */
  wanted = 0;
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  readonly #queue = new BoundedQueue<Entry>(waitersOfBucketMax);

  /** `onEnd` hears of everyone who leaves. */
  constructor(clock: Clock, onEnd: () => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  get size(): number {
    return this.#queue.size;
  }

  get isFull(): boolean {
    return this.#queue.isFull;
  }

  get first(): Waiter | undefined {
    return this.#queue.peek();
  }

  join({ amount, done }: Waiter, timeoutMs: number): void {
    const entry: Entry = { amount, done, timer: undefined, place: undefined };
    entry.place = this.#queue.push(entry);
    this.wanted += amount;
    entry.timer = this.#clock.after(timeoutMs, () => this.#end(entry, false));
  }

  /** The first one's turn is over. */
  settle(isTaken: boolean): void {
    const entry = this.#queue.peek();
    if (entry !== undefined) this.#end(entry, isTaken);
  }

  #end(entry: Entry, isTaken: boolean): void {
    if (entry.place?.remove() !== true) return;
    entry.timer?.cancel();
    this.wanted -= entry.amount;
    this.#onEnd();
    entry.done(isTaken);
  }
}

import type { Clock, Timer } from '../../../kit/clock.ts';
import type { EventQueue } from './event-queue.ts';

/** Wall time at which every world begins. */
export const worldEpochMs = 1_700_000_000_000;

/** Time as it is, which no node knows: the network's clock. */
export class TrueClock implements Clock {
  readonly #queue: EventQueue;

  constructor(queue: EventQueue) {
    this.#queue = queue;
  }

  nowMs(): number {
    return worldEpochMs + this.#queue.nowMs;
  }

  monotonicMs(): number {
    return this.#queue.nowMs;
  }

  after(delayMs: number, action: () => void): Timer {
    return this.#queue.after(delayMs, action);
  }

  every(periodMs: number, action: () => void): Timer {
    let next = this.after(periodMs, tick);
    const queue = this.#queue;
    function tick(): void {
      next = queue.after(periodMs, tick);
      action();
    }
    return { cancel: () => next.cancel() };
  }

  sleep(): Promise<void> {
    throw new Error('nothing in the simulation sleeps: it has no promises');
  }
}

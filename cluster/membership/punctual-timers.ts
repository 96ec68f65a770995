import type { Clock, Timer } from '../../kit/clock.ts';

/**
 * Timers that notice when the process stood still (SIGSTOP, a long collection, a suspended machine): all of them then
 * fire at once, before the frames that came meanwhile are read, and what they take for silence is the node's own. One
 * that fires more than `lateMaxMs` after its time says so before it acts.
 */
export class PunctualTimers {
  readonly #clock: Clock;
  readonly #lateMaxMs: number;
  readonly #onLate: (lateMs: number) => void;
  readonly #running = new Set<Timer>();

  constructor(clock: Clock, lateMaxMs: number, onLate: (lateMs: number) => void) {
    this.#clock = clock;
    this.#lateMaxMs = lateMaxMs;
    this.#onLate = onLate;
  }

  after(delayMs: number, action: () => void): Timer {
    const dueMs = this.#clock.monotonicMs() + delayMs;
    const inner = this.#clock.after(delayMs, () => {
      this.#running.delete(timer);
      const lateMs = this.#clock.monotonicMs() - dueMs;
      if (lateMs > this.#lateMaxMs) this.#onLate(lateMs);
      action();
    });
    const timer = {
      cancel: () => {
        this.#running.delete(timer);
        inner.cancel();
      },
    };
    this.#running.add(timer);
    return timer;
  }

  cancelAll(): void {
    for (const timer of this.#running) timer.cancel();
  }
}

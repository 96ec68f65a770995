import type { Clock } from '../../kit/clock.ts';

/** A rate averaged over some seconds: a bucket that holds what may come in all of them, and refills with time. */
export class Allowance {
  readonly #clock: Clock;
  readonly #perMs: number;
  readonly #burst: number;
  #left: number;
  #refilledMs: number;

  constructor(clock: Clock, perSecond: number, overSeconds = 10) {
    this.#clock = clock;
    this.#perMs = perSecond / 1000;
    this.#burst = perSecond * overSeconds;
    this.#left = this.#burst;
    this.#refilledMs = clock.monotonicMs();
  }

  /** Uses one; false when there is none left. */
  take(): boolean {
    if (this.#left < 1) this.#refill();
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** Only when it is empty: reading the clock for every frame would cost more than the frame. */
  #refill(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#left = Math.min(this.#burst, this.#left + (nowMs - this.#refilledMs) * this.#perMs);
    this.#refilledMs = nowMs;
  }
}

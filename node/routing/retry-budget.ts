import type { Clock } from '../../kit/clock.ts';
import { SlidingCounts } from '../../kit/sliding-counts.ts';
import type { RetryAllowance } from './contract.ts';

/** Long enough to smooth a burst, short enough that the budget of a busy minute is not spent on the outage after it. */
const windowMs = 10_000;

export interface RetryBudgetOptions {
  /** Retries as a share of first attempts. */
  share?: number;
  /** Retries per window that are free, so that single retries work when there is little traffic. */
  floor?: number;
}

/** Retries may make up a share of the traffic of the last ten seconds and no more: an outage is not multiplied. */
export class RetryBudget implements RetryAllowance {
  readonly #clock: Clock;
  readonly #counts = new SlidingCounts(windowMs);
  readonly #floor: number;
  share: number;

  constructor(clock: Clock, options: RetryBudgetOptions = {}) {
    this.#clock = clock;
    this.share = options.share ?? 0.2;
    this.#floor = options.floor ?? 10;
  }

  deposit(): void {
    this.#counts.addFirst(this.#clock.monotonicMs());
  }

  take(): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#counts.expire(nowMs);
    if (this.#counts.second >= this.#floor + this.share * this.#counts.first) return false;
    this.#counts.addSecond(nowMs);
    return true;
  }
}

import type { Clock } from '../../kit/clock.ts';
import { clockAheadMsMax } from './bounds.ts';

const dayMs = 86_400_000;

/** Days since 1970-01-01, UTC. */
export function dayOf(wallMs: number): number {
  return Math.floor(wallMs / dayMs);
}

/** Months since the year 0, UTC. */
export function monthOf(wallMs: number): number {
  const date = new Date(wallMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** Wall ms of the first moment of a day. */
export function dayStartMs(day: number): number {
  return day * dayMs;
}

/** Wall ms of the first moment of a month. */
export function monthStartMs(month: number): number {
  return Date.UTC(Math.floor(month / 12), month % 12, 1);
}

/** The day and month of the wall clock, as of the last look. A look within the same day is two comparisons. */
export class Calendar {
  readonly #clock: Clock;
  #fromMs = 0;
  #untilMs = 0;
  #nowMs = 0;
  #day = 0;
  #month = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.look();
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get day(): number {
    return this.#day;
  }

  get month(): number {
    return this.#month;
  }

  /** The latest day that may be the present one at a member whose clock is ahead. */
  get latestDay(): number {
    return dayOf(this.#nowMs + clockAheadMsMax);
  }

  get latestMonth(): number {
    return monthOf(this.#nowMs + clockAheadMsMax);
  }

  look(): void {
    const nowMs = this.#clock.nowMs();
    this.#nowMs = nowMs;
    if (nowMs >= this.#fromMs && nowMs < this.#untilMs) return;
    this.#day = dayOf(nowMs);
    this.#month = monthOf(nowMs);
    this.#fromMs = dayStartMs(this.#day);
    this.#untilMs = this.#fromMs + dayMs;
  }
}

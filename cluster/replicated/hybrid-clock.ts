import type { Clock } from '../../kit/clock.ts';
import type { Stamp } from './contract.ts';
import { countMax } from './limits.ts';
import { compareStamps } from './stamp.ts';

/**
 * A hybrid logical clock (Kulkarni et al., "Logical Physical Clocks"): as near to wall time as it can be without ever
 * going back, so that a write that knew of another one is stamped after it, whatever the wall clocks do.
 */
export class HybridClock {
  readonly #clock: Clock;
  #last: Stamp = { major: 0, minor: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Greater than any before, and than any witnessed. */
  next(): Stamp {
    const wallMs = Math.max(0, Math.floor(this.#clock.nowMs()));
    const { major, minor } = this.#last;
    if (wallMs > major) this.#last = { major: wallMs, minor: 0 };
    else if (minor + 1 < countMax) this.#last = { major, minor: minor + 1 };
    else this.#last = { major: major + 1, minor: 0 };
    return this.#last;
  }

  /** What others wrote, and what was kept, is in the past from now on. */
  witness(stamp: Stamp): void {
    if (compareStamps(stamp, this.#last) > 0) this.#last = stamp;
  }

  /** How far the next stamp is ahead of the wall clock, milliseconds; 0 when it is not. */
  get aheadMs(): number {
    return Math.max(0, this.#last.major - this.#clock.nowMs());
  }
}

import type { Clock } from '../../kit/clock.ts';
import type { Stamp } from './contract.ts';
import { countMax } from './limits.ts';
import { compareStamps } from './stamp.ts';

/** Milliseconds in which no start's count comes again: 24 days, far longer than clocks are apart. */
const startCounts = 2 ** 31;

/**
 * A hybrid logical clock (Kulkarni et al., "Logical Physical Clocks"): as near to wall time as it can be without ever
 * going back, so that a write that knew of another one is stamped after it, whatever the wall clocks do.
 *
 * While others' clocks are ahead of this node's, only the count tells its writes apart. The process before may have told
 * others of some that its disk never had; so that none of its stamps is used again, the count begins at the start's wall
 * milliseconds.
 */
export class HybridClock {
  readonly #clock: Clock;
  readonly #startCount: number;
  #last: Stamp = { major: 0, minor: 0 };
  #isLastOwn = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startCount = Math.max(0, Math.floor(clock.nowMs())) % startCounts;
  }

  /** Greater than any before, and than any witnessed. */
  next(): Stamp {
    const wallMs = Math.max(0, Math.floor(this.#clock.nowMs()));
    const { major, minor } = this.#last;
    const count = this.#isLastOwn ? minor + 1 : Math.max(minor + 1, this.#startCount);
    this.#isLastOwn = true;
    if (wallMs > major) this.#last = { major: wallMs, minor: 0 };
    else if (count < countMax) this.#last = { major, minor: count };
    else this.#last = { major: major + 1, minor: 0 };
    return this.#last;
  }

  /** What others wrote, and what was kept, is in the past from now on. */
  witness(stamp: Stamp): void {
    if (compareStamps(stamp, this.#last) <= 0) return;
    this.#last = stamp;
    this.#isLastOwn = false;
  }

  /** How far the next stamp is ahead of the wall clock, milliseconds; 0 when it is not. */
  get aheadMs(): number {
    return Math.max(0, this.#last.major - this.#clock.nowMs());
  }
}

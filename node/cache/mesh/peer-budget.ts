import type { Clock } from '../../../kit/clock.ts';
import { bytesPerSecondMax, claimsPerSecondMax, missesMax, silenceMsMax, silenceMsMin } from './limits.ts';

/** How much one member is asked: not more than it can bear, and not for a while after it kept silent several times. */
export class PeerBudget {
  readonly #clock: Clock;
  #second = -1;
  #claims = 0;
  #bytes = 0;
  #misses = 0;
  #silenceMs = silenceMsMin;
  #askAgainMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one claim of this second's. */
  takeClaim(): boolean {
    if (this.#clock.monotonicMs() < this.#askAgainMs) return false;
    this.#turn();
    return this.#claims < claimsPerSecondMax && ++this.#claims > 0;
  }

  takeBytes(bytes: number): boolean {
    this.#turn();
    if (this.#bytes + bytes > bytesPerSecondMax) return false;
    this.#bytes += bytes;
    return true;
  }

  answered(): void {
    this.#misses = 0;
    this.#silenceMs = silenceMsMin;
  }

  missed(): void {
    if (++this.#misses < missesMax) return;
    this.#misses = 0;
    this.#askAgainMs = this.#clock.monotonicMs() + this.#silenceMs;
    this.#silenceMs = Math.min(silenceMsMax, 2 * this.#silenceMs);
  }

  #turn(): void {
    const second = Math.floor(this.#clock.monotonicMs() / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.#claims = 0;
    this.#bytes = 0;
  }
}

import type { Clock, Timer } from '../../kit/clock.ts';

/** Node's timers overflow past 2^31 ms; an hour is asked again instead. */
const delayMsMax = 3_600_000;

/** One timer for the earliest of many moments: rests and breakers that end by time alone. */
export class Wake {
  readonly #clock: Clock;
  readonly #nextAtMs: (nowMs: number) => number | undefined;
  readonly #onWake: () => void;
  #timer: Timer | undefined;
  #firesAtMs = Infinity;
  #isStopped = false;

  /** `nextAtMs` names the earliest pending moment in Unix ms; `onWake` is called once it has come. */
  constructor(clock: Clock, nextAtMs: (nowMs: number) => number | undefined, onWake: () => void) {
    this.#clock = clock;
    this.#nextAtMs = nextAtMs;
    this.#onWake = onWake;
  }

  /** A moment was added, Unix ms; undefined does nothing. Cheap when an earlier one is pending already. */
  at(momentMs: number | undefined): void {
    if (momentMs === undefined || momentMs >= this.#firesAtMs || this.#isStopped) return;
    this.#timer?.cancel();
    const nowMs = this.#clock.nowMs();
    const delayMs = Math.min(delayMsMax, Math.max(1, momentMs - nowMs));
    this.#firesAtMs = nowMs + delayMs;
    this.#timer = this.#clock.after(delayMs, () => this.#fire());
  }

  /** For good: an account that was removed may still have requests that end. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #fire(): void {
    this.#firesAtMs = Infinity;
    this.#onWake();
    this.at(this.#nextAtMs(this.#clock.nowMs()));
  }
}

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

  /** `nextAtMs` names the earliest pending moment in Unix ms; `onWake` is called once it has come. */
  constructor(clock: Clock, nextAtMs: (nowMs: number) => number | undefined, onWake: () => void) {
    this.#clock = clock;
    this.#nextAtMs = nextAtMs;
    this.#onWake = onWake;
  }

  /** Call after a moment was added. Cheap when an earlier one is pending already. */
  plan(): void {
    const nowMs = this.#clock.nowMs();
    const nextAtMs = this.#nextAtMs(nowMs);
    if (nextAtMs === undefined || nextAtMs >= this.#firesAtMs) return;
    this.#timer?.cancel();
    const delayMs = Math.min(delayMsMax, Math.max(1, nextAtMs - nowMs));
    this.#firesAtMs = nowMs + delayMs;
    this.#timer = this.#clock.after(delayMs, () => this.#fire());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#firesAtMs = Infinity;
  }

  #fire(): void {
    this.stop();
    this.#onWake();
    this.plan();
  }
}

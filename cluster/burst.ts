import type { Clock, Timer } from '../kit/clock.ts';

/**
 * Does something at once, but within `gapMs` of the last time only once more at the end of it: a change on its own does
 * not wait, and a thousand at once do not make a thousand messages.
 */
export class Burst {
  readonly #clock: Clock;
  readonly #gapMs: number;
  readonly #act: () => void;
  #lastMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(clock: Clock, gapMs: number, act: () => void) {
    this.#clock = clock;
    this.#gapMs = gapMs;
    this.#act = act;
  }

  request(): void {
    if (this.#timer !== undefined) return;
    const waitMs = this.#lastMs + this.#gapMs - this.#clock.monotonicMs();
    if (waitMs <= 0) this.#run();
    else this.#timer = this.#clock.after(waitMs, () => this.#run());
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #run(): void {
    this.cancel();
    this.#lastMs = this.#clock.monotonicMs();
    this.#act();
  }
}

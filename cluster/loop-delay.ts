import type { Clock, Timer } from '../kit/clock.ts';

/** Ten looks a second cost nothing and see every stall that a timeout of a few hundred milliseconds would feel. */
const periodMs = 100;

/** Looks that the greatest delay is taken over: about two seconds. */
const lookCount = 20;

/** How late this process's own timers are: when they are, others only seem slow. */
export class LoopDelay {
  readonly #clock: Clock;
  readonly #delays = new Float64Array(lookCount);
  #next = 0;
  #expectedMs = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(): void {
    this.#expectedMs = this.#clock.monotonicMs() + periodMs;
    this.#timer = this.#clock.every(periodMs, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The greatest delay of the last two seconds, milliseconds; a timer that is overdue now counts as well. */
  readonly ms = (): number => {
    if (this.#timer === undefined) return 0;
    let greatest = Math.max(0, this.#clock.monotonicMs() - this.#expectedMs);
    for (const delay of this.#delays) if (delay > greatest) greatest = delay;
    return greatest;
  };

  #look(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#delays[this.#next] = Math.max(0, nowMs - this.#expectedMs);
    this.#next = (this.#next + 1) % lookCount;
    this.#expectedMs = nowMs + periodMs;
  }
}

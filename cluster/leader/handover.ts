import type { Clock, Timer } from '../../kit/clock.ts';

/** Those who may wait for a handover at the same time. */
const waitingMax = 16;

/** Those who wait until another leads, for so long at most. */
export class Handover {
  readonly #clock: Clock;
  readonly #patienceMs: number;
  #waiting: (() => void)[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock, patienceMs: number) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
  }

  /** A node that drains has given up already; when it leaves, it waits for the same successor. False: nobody waits yet. */
  joined(done: () => void): boolean {
    if (this.#timer === undefined) return false;
    this.wait(done);
    return true;
  }

  wait(done: () => void): void {
    if (this.#waiting.length >= waitingMax) return done();
    this.#waiting.push(done);
    this.#timer ??= this.#clock.after(this.#patienceMs, () => this.end());
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }
}

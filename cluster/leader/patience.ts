import type { Timing } from '../timing.ts';

/**
 * When a voter may elect somebody. One that heard a leader waits until that leader's lease has run out for certain;
 * one that has just started may have heard one just before. One without its state file may have voted in a term that
 * is under way, and waits until that election is over.
 */
export class Patience {
  readonly #timing: Pick<Timing, 'electionMinMs' | 'electionMaxMs'>;
  #heardTerm = 0;
  #quietUntilMs = 0;
  #barredUntilMs = 0;

  constructor(timing: Pick<Timing, 'electionMinMs' | 'electionMaxMs'>) {
    this.#timing = timing;
  }

  started(nowMs: number, hasForgotten: boolean): void {
    this.#quietUntilMs = nowMs + this.#timing.electionMinMs;
    if (hasForgotten) this.forgot(nowMs);
  }

  /** Votes that it gave are not known here. */
  forgot(nowMs: number): void {
    this.#barredUntilMs = nowMs + this.#timing.electionMaxMs;
  }

  /** There can be no vote or leader that it does not know of. */
  isNew(): void {
    this.#quietUntilMs = 0;
    this.#barredUntilMs = 0;
  }

  heard(term: number, nowMs: number): void {
    this.#heardTerm = Math.max(this.#heardTerm, term);
    this.#quietUntilMs = Math.max(this.#quietUntilMs, nowMs + this.#timing.electionMinMs);
  }

  isBarred(nowMs: number): boolean {
    return nowMs < this.#barredUntilMs;
  }

  /**
   * Whether a leader may hold a lease that this node's vote would break. `transferTerm`: the leader of that term gave
   * its lease up for good; those before it had lost theirs when it was elected.
   */
  isQuiet(nowMs: number, transferTerm: number | undefined): boolean {
    if (transferTerm !== undefined && this.#heardTerm <= transferTerm) return false;
    return nowMs < this.#quietUntilMs;
  }

  /** Until when it would not elect anyone, itself neither. */
  untilMs(): number {
    return Math.max(this.#quietUntilMs, this.#barredUntilMs);
  }
}

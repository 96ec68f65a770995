import { Breaker } from './breaker.ts';
import type { BreakerOptions, RestOptions } from './options.ts';
import { Rest } from './rest.ts';

/** What keeps an account, or one model of it, out of the choice: its breaker and its rest. */
export class Standing {
  readonly breaker: Breaker;
  readonly rest: Rest;

  constructor(breaker: BreakerOptions, rest: RestOptions) {
    this.breaker = new Breaker(breaker);
    this.rest = new Rest(rest);
  }

  allows(nowMs: number): boolean {
    return this.breaker.allows(nowMs) && this.rest.allows(nowMs);
  }

  /** Nothing to remember: the entry may go. */
  get isPristine(): boolean {
    return this.breaker.isPristine && this.rest.isPristine;
  }

  /** Earliest future Unix ms at which time alone may let requests pass again; undefined when nothing is pending. */
  resumesAtMs(nowMs: number): number | undefined {
    const breakerMs = this.breaker.untilMs ?? 0;
    const restMs = this.rest.resumesAtMs(nowMs) ?? 0;
    const earliestMs = Math.min(breakerMs > nowMs ? breakerMs : Infinity, restMs > nowMs ? restMs : Infinity);
    return earliestMs === Infinity ? undefined : earliestMs;
  }

  takeTrials(nowMs: number): Trials | undefined {
    const ofBreaker = this.breaker.takeTrial(nowMs);
    const ofRest = this.rest.takeTrial(nowMs);
    return ofBreaker || ofRest ? { ofBreaker, ofRest } : undefined;
  }

  releaseTrials(trials: Trials | undefined): void {
    if (trials?.ofBreaker) this.breaker.releaseTrial();
    if (trials?.ofRest) this.rest.releaseTrial();
  }
}

/** Which trials a request carries. */
export interface Trials {
  readonly ofBreaker: boolean;
  readonly ofRest: boolean;
}

import type { Fault } from '../../kit/fault.ts';
import type { PooledAccount } from './account.ts';
import type { Attempt } from './contract.ts';
import type { Standing, Trials } from './standing.ts';
import type { Verdict } from './verdict.ts';

/** Facts of an attempt that its ending needs. */
export interface AttemptFacts {
  readonly model: string;
  readonly beganAtMs: number;
  readonly wholeTrials: Trials | undefined;
  /** The model's own standing when it had one at the beginning: trials are given back to where they were taken. */
  readonly modelStanding: Standing | undefined;
  readonly modelTrials: Trials | undefined;
}

/** A place in an account. The first ending counts and frees it; later ones do nothing. */
export class CountedAttempt implements Attempt {
  readonly #facts: AttemptFacts;
  #account: PooledAccount | undefined;

  constructor(account: PooledAccount, facts: AttemptFacts) {
    this.#account = account;
    this.#facts = facts;
  }

  succeed(nowMs: number, firstByteMs: number): void {
    this.#end((verdict) => verdict.success(this.#facts, nowMs, firstByteMs));
  }

  fail(nowMs: number, fault: Fault): void {
    this.#end((verdict) => verdict.failure(this.#facts, nowMs, fault));
  }

  abandon(): void {
    this.#end((verdict) => verdict.none(this.#facts));
  }

  release(): void {
    this.abandon();
  }

  #end(settle: (verdict: Verdict) => void): void {
    const account = this.#account;
    if (account === undefined) return;
    this.#account = undefined;
    try {
      settle(account.verdict);
    } finally {
      account.giveBack();
    }
  }
}

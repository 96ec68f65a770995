import type { Fault } from '../../kit/fault.ts';
import type { Attempt } from './contract.ts';
import type { AttemptEndings, AttemptFacts, CountedAccount } from './parts.ts';

/** A place in an account. The first ending counts and frees it; later ones do nothing. */
export class CountedAttempt implements Attempt {
  readonly #facts: AttemptFacts;
  #account: CountedAccount | undefined;

  constructor(account: CountedAccount, facts: AttemptFacts) {
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

  #end(settle: (verdict: AttemptEndings) => void): void {
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

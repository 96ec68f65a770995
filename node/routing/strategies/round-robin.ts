import type { Account } from '../../accounts/contract.ts';
import { CandidatePool } from '../candidate-pool.ts';
import type { PickContext, Strategy } from '../contract.ts';

/** The one that was not chosen for longest: equal shares, in turn. */
export class RoundRobin implements Strategy {
  readonly #pool: CandidatePool;

  constructor(candidates: readonly Account[]) {
    this.#pool = new CandidatePool(candidates);
  }

  pick(context: PickContext): Account | undefined {
    return this.#pool.best(context)?.account;
  }

  touch(account: Account): void {
    this.#pool.touch(account);
  }
}

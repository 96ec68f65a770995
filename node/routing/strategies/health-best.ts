import type { Account } from '../../accounts/contract.ts';
import { CandidatePool } from '../candidate-pool.ts';
import type { PickContext, Strategy } from '../contract.ts';

/** The highest health score; ties in turn. */
export class HealthBest implements Strategy {
  readonly #pool: CandidatePool;

  constructor(candidates: readonly Account[]) {
    this.#pool = new CandidatePool(candidates, (seat) => -seat.account.healthScore);
  }

  pick(context: PickContext): Account | undefined {
    return this.#pool.best(context)?.account;
  }

  touch(account: Account): void {
    this.#pool.touch(account);
  }
}

import type { Account } from '../../accounts/contract.ts';
import { CandidatePool } from '../candidate-pool.ts';
import type { PickContext, Strategy } from '../contract.ts';

/** The first in the order of the configuration that can serve: what is left when load balancing is switched off. */
export class First implements Strategy {
  readonly #pool: CandidatePool;

  constructor(candidates: readonly Account[]) {
    this.#pool = new CandidatePool(candidates, (seat) => seat.index);
  }

  pick(context: PickContext): Account | undefined {
    return this.#pool.best(context)?.account;
  }

  touch(account: Account): void {
    this.#pool.touch(account);
  }
}

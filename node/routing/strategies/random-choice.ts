import type { Random } from '../../../kit/random.ts';
import type { Account } from '../../accounts/contract.ts';
import { CandidatePool } from '../candidate-pool.ts';
import type { PickContext, Strategy } from '../contract.ts';

/** Any account that can serve, all equally likely. */
export class RandomChoice implements Strategy {
  readonly #pool: CandidatePool;
  readonly #random: Random;

  constructor(candidates: readonly Account[], random: Random) {
    this.#pool = new CandidatePool(candidates);
    this.#random = random;
  }

  pick(context: PickContext): Account | undefined {
    return this.#pool.any(context, this.#random)?.account;
  }

  touch(account: Account): void {
    this.#pool.touch(account);
  }
}

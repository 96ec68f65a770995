import type { Random } from '../../../kit/random.ts';
import type { Account } from '../../accounts/contract.ts';
import { CandidatePool } from '../candidate-pool.ts';
import type { PickContext, Strategy } from '../contract.ts';

/** One choice in so many goes to the slower of the two: an account that was slow once must be measured again. */
const exploreOneIn = 32;

/** Of two drawn at random, the one with the lesser latency times load. */
export class PeakEwma implements Strategy {
  readonly #pool: CandidatePool;
  readonly #random: Random;

  constructor(candidates: readonly Account[], random: Random) {
    this.#pool = new CandidatePool(candidates);
    this.#random = random;
  }

  pick(context: PickContext): Account | undefined {
    const first = this.#pool.any(context, this.#random)?.account;
    if (first === undefined) return undefined;
    const second = this.#pool.any(context, this.#random, this.#pool.seatOf(first))?.account;
    if (second === undefined) return first;
    const isSecondBetter = cost(second, first) < cost(first, second);
    const explores = this.#random.below(exploreOneIn) === 0;
    return isSecondBetter === explores ? first : second;
  }

  touch(account: Account): void {
    this.#pool.touch(account);
  }
}

/** An account without a latency yet is taken to be as fast as the other, so that load alone decides. */
function cost(account: Account, other: Account): number {
  const latencyMs = account.latencyEwmaMs || other.latencyEwmaMs || 1;
  return latencyMs * (account.inFlight + account.remote.inFlight + 1);
}

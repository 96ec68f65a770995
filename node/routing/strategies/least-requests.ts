import type { Random } from '../../../kit/random.ts';
import type { Account } from '../../accounts/contract.ts';
import { CandidatePool } from '../candidate-pool.ts';
import type { PickContext, Strategy } from '../contract.ts';

/**
 * Fewest requests in flight, here and on other nodes; ties in turn. Exact on a node alone. Numbers of other nodes are
 * some 50 ms old, and the least loaded of them would draw all nodes at once: while there are any, the lesser of two
 * drawn at random is taken (power of two choices).
 */
export class LeastRequests implements Strategy {
  readonly #pool: CandidatePool;
  readonly #random: Random;
  /** Candidates that other nodes have requests at, by index. */
  readonly #busyElsewhere: Uint8Array;
  #busyElsewhereCount = 0;

  constructor(candidates: readonly Account[], random: Random) {
    this.#random = random;
    this.#busyElsewhere = new Uint8Array(candidates.length);
    this.#pool = new CandidatePool(candidates, (seat) => load(seat.account));
    for (const account of candidates) this.touch(account);
  }

  pick(context: PickContext): Account | undefined {
    return this.#busyElsewhereCount === 0 ? this.#pool.best(context)?.account : this.#lesserOfTwo(context);
  }

  touch(account: Account): void {
    const seat = this.#pool.touch(account);
    if (seat === undefined) return;
    const isBusy = account.remote.inFlight > 0 ? 1 : 0;
    this.#busyElsewhereCount += isBusy - (this.#busyElsewhere[seat.index] ?? 0);
    this.#busyElsewhere[seat.index] = isBusy;
  }

  #lesserOfTwo(context: PickContext): Account | undefined {
    const first = this.#pool.any(context, this.#random);
    const second = first && this.#pool.any(context, this.#random, first);
    if (first === undefined || second === undefined) return first?.account;
    return load(second.account) < load(first.account) ? second.account : first.account;
  }
}

function load(account: Account): number {
  return account.inFlight + account.remote.inFlight;
}

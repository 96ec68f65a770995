import type { Account } from '../../accounts/contract.ts';
import { CandidatePool } from '../candidate-pool.ts';
import type { PickContext, Strategy } from '../contract.ts';

/**
 * Where accounts that came later began to count. Weak: it goes with the account. Kept outside the strategy because
 * strategies are made anew with every change of accounts, and a newcomer must not be flooded after the next change.
 */
const headStarts = new WeakMap<Account, number>();

/** Fewest requests served, here and on other nodes; ties in turn. A newcomer starts level with the least used. */
export class LeastUsed implements Strategy {
  readonly #pool: CandidatePool;

  constructor(candidates: readonly Account[]) {
    welcome(candidates);
    this.#pool = new CandidatePool(candidates, (seat) => used(seat.account));
  }

  pick(context: PickContext): Account | undefined {
    return this.#pool.best(context)?.account;
  }

  touch(account: Account): void {
    this.#pool.touch(account);
  }
}

function used(account: Account): number {
  return account.requestCount + account.remote.served + (headStarts.get(account) ?? 0);
}

function welcome(candidates: readonly Account[]): void {
  const known = candidates.filter((account) => headStarts.has(account));
  // The first accounts of all are compared as they are.
  const least = known.length === 0 ? 0 : Math.min(...known.map(used));
  for (const account of candidates) {
    if (!headStarts.has(account)) headStarts.set(account, Math.max(0, least - used(account)));
  }
}

import type { Account } from '../../accounts/contract.ts';
import { CandidatePool, type Seat } from '../candidate-pool.ts';
import type { PickContext, Strategy } from '../contract.ts';

/**
 * Shares exactly proportional to the weights over every cycle, and spread evenly inside it (stride scheduling: an
 * account of weight w is due at (k + 1/2) / w, and the earliest due goes first). One number per account, whatever the
 * weights; O(log n). An account of weight 0 serves only when no other can.
 */
export class WeightedRoundRobin implements Strategy {
  readonly #pool: CandidatePool;
  readonly #dueAt: Float64Array;
  /** Due time of the last choice. */
  #now = 0;

  constructor(candidates: readonly Account[]) {
    this.#dueAt = Float64Array.from(candidates, (account) => 0.5 / Math.max(0, account.weight));
    this.#pool = new CandidatePool(candidates, (seat) => this.#due(seat));
  }

  pick(context: PickContext): Account | undefined {
    const seat = this.#pool.best(context);
    if (seat === undefined) return undefined;
    // One that was away does not catch up on what it missed.
    const dueAt = Math.max(this.#now, this.#due(seat));
    if (dueAt < Infinity) this.#now = dueAt;
    this.#dueAt[seat.index] = dueAt + 1 / Math.max(0, seat.account.weight);
    return seat.account;
  }

  touch(account: Account): void {
    this.#pool.touch(account);
  }

  #due(seat: Seat): number {
    return this.#dueAt[seat.index] ?? Infinity;
  }
}

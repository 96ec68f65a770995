import type { Account } from '../accounts/contract.ts';
import { CandidatePool } from './candidate-pool.ts';
import type { PickContext } from './contract.ts';
import { combine, hashString } from './hash.ts';
import { HashRing } from './hash-ring.ts';

/** Owners asked in turn before the live ones are compared: with half of the accounts out, 1 in 256 keys gets there. */
const ownersTried = 8;

/**
 * The account that a key belongs to, or, while that one cannot serve, the one it then belongs to. A key's order of
 * accounts is the same on all nodes; only keys of an account that cannot serve move, and they come back to it.
 *
 * Costs O(log n) while a fair part of the accounts can serve. Past eight owners that cannot, the live ones are compared
 * by rendezvous hashing: with a ninth of them live, the worst case, that is n/25 comparisons on average.
 */
export class HashChoice {
  readonly #accounts: readonly Account[];
  readonly #isWeighted: boolean;
  readonly #idHashes: Uint32Array;
  readonly #pool: CandidatePool;
  #ring: HashRing | undefined;

  constructor(accounts: readonly Account[], isWeighted = false) {
    this.#accounts = accounts;
    this.#isWeighted = isWeighted;
    this.#idHashes = Uint32Array.from(accounts, (account) => hashString(account.id));
    this.#pool = new CandidatePool(accounts);
  }

  pick(key: number, context: PickContext): Account | undefined {
    this.#ring ??= ringOf(this.#accounts, this.#isWeighted);
    for (let turn = 0; turn < ownersTried; turn++) {
      const account = this.#accounts[this.#ring.ownerOf(combine(key, turn))];
      if (account === undefined) break;
      if (!context.tried.includes(account) && account.canServe(context.nowMs, context.model)) return account;
    }
    return this.#pool.highest(context, ({ index }) => combine(key, this.#idHashes[index] ?? 0))?.account;
  }

  touch(account: Account): void {
    this.#pool.touch(account);
  }
}

/** Rings by the list they were made of: models with the same candidates share one. Lists that are gone take theirs along. */
const plainRings = new WeakMap<readonly Account[], HashRing>();
const weightedRings = new WeakMap<readonly Account[], HashRing>();

function ringOf(accounts: readonly Account[], isWeighted: boolean): HashRing {
  const rings = isWeighted ? weightedRings : plainRings;
  const known = rings.get(accounts);
  if (known !== undefined) return known;
  const ring = new HashRing(accounts, isWeighted);
  rings.set(accounts, ring);
  return ring;
}

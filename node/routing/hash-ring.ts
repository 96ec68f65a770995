import type { Account } from '../accounts/contract.ts';
import { combine, hashString } from './hash.ts';

/** Points of an account without regard to weight: with 8 probes the fullest of 20 accounts gets 14 % over its share. */
const pointsPlain = 40;
/** Points per unit of weight; the default weight of 10 gives as many as above. */
const pointsPerWeight = 4;
/** Weight 100 and above: keeps a ring of 1,000 accounts within a few megabytes. */
const pointsMax = 400;
/** Keys are tried at this many spots, and the nearest point of all wins ("Multi-probe consistent hashing", 2015). */
const probes = 8;

/**
 * Consistent hashing: every key belongs to one account, all nodes with the same account ids agree, and when one of n
 * accounts goes only its own keys move. A look-up costs O(log n). With `isWeighted` shares follow the weights; accounts
 * of weight 0 own nothing.
 */
export class HashRing {
  readonly #points: Uint32Array;
  readonly #owners: Uint32Array;

  constructor(accounts: readonly Account[], isWeighted: boolean) {
    const points = accounts.flatMap((account, index) => pointsOf(account, index, isWeighted));
    points.sort((left, right) => left.at - right.at || left.tie - right.tie);
    this.#points = Uint32Array.from(points, (point) => point.at);
    this.#owners = Uint32Array.from(points, (point) => point.index);
  }

  /** Index of the owner of a key in the list that the ring was made of; -1 on an empty ring. */
  ownerOf(key: number): number {
    if (this.#points.length === 0) return -1;
    let nearest = Infinity;
    let owner = -1;
    for (let probe = 0; probe < probes; probe++) {
      const spot = combine(key, probe);
      const position = this.#after(spot);
      const distance = ((this.#points[position] ?? 0) - spot) >>> 0;
      if (distance >= nearest) continue;
      nearest = distance;
      owner = this.#owners[position] ?? -1;
    }
    return owner;
  }

  /** Position of the first point at or after the spot, around the end. */
  #after(spot: number): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#points[middle] ?? 0) < spot) low = middle + 1;
      else high = middle;
    }
    return low === this.#points.length ? 0 : low;
  }
}

interface Point {
  at: number;
  /** Orders points that fall together, alike on all nodes. */
  tie: number;
  index: number;
}

function pointsOf(account: Account, index: number, isWeighted: boolean): Point[] {
  const seed = hashString(account.id);
  const count = isWeighted ? Math.min(pointsMax, Math.round(account.weight * pointsPerWeight)) : pointsPlain;
  return Array.from({ length: Math.max(0, count) }, (_, point) => ({ at: combine(seed, point), tie: seed, index }));
}

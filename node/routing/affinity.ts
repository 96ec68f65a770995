import { LruMap } from '../../kit/lru-map.ts';
import type { Account } from '../accounts/contract.ts';

/** Prefixes remembered; about 100 bytes each. Past it the least recently used are forgotten and hash to an account. */
const prefixesMax = 50_000;
/** Providers keep prompt caches from 5 minutes (Anthropic's default) to an hour (its longer kind). */
const warmForMs = 3_600_000;
/** Accounts remembered per prefix: the warmest and two to fall back on. */
const accountsPerPrefix = 3;

export interface AffinityOptions {
  prefixesMax?: number;
  warmForMs?: number;
}

interface Warmth {
  account: Account;
  atMs: number;
}

/** Which accounts hold a prompt prefix in their provider's cache, warmest first. Bounded; fed by successes. */
export class AffinityMap {
  readonly #warmForMs: number;
  readonly #prefixes: LruMap<number, Warmth[]>;

  constructor(options: AffinityOptions = {}) {
    this.#warmForMs = options.warmForMs ?? warmForMs;
    this.#prefixes = new LruMap(options.prefixesMax ?? prefixesMax);
  }

  get size(): number {
    return this.#prefixes.size;
  }

  /** The account served this prefix just now; 0 is no prefix. */
  remember(affinity: number, account: Account, nowMs: number): void {
    if (affinity === 0) return;
    const warm = this.#prefixes.get(affinity);
    const first = warm?.[0];
    if (first?.account === account) {
      first.atMs = nowMs;
      return;
    }
    const others = (warm ?? []).filter((entry) => entry.account !== account).slice(0, accountsPerPrefix - 1);
    this.#prefixes.set(affinity, [{ account, atMs: nowMs }, ...others]);
  }

  /** The warmest account that `isFit`; undefined when none is warm and fit. */
  warmest(affinity: number, nowMs: number, isFit: (account: Account) => boolean): Account | undefined {
    const warm = this.#prefixes.get(affinity);
    if (warm === undefined) return undefined;
    for (const { account, atMs } of warm) {
      if (Math.abs(nowMs - atMs) <= this.#warmForMs && isFit(account)) return account;
    }
    return undefined;
  }
}

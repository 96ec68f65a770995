import type { Account } from '../accounts/contract.ts';

/** Accounts whose numbers changed lately; a power of two. A route that was not asked for longer looks at all of its accounts. */
const keptMax = 512;

/** What is told of changes. */
export interface Touched {
  readonly accounts: readonly Account[];
  /** How far it has been told. */
  touchedTo: number;
  touch(account: Account): void;
}

/**
 * Changes of accounts in their order. Routes hear of them when they are asked next: thousands of them are kept for keys
 * with accounts of their own, and each request changes an account twice.
 */
export class TouchLog {
  readonly #kept: (Account | undefined)[] = Array.from({ length: keptMax }, () => undefined);
  #count = 0;
  #keptFrom = 0;

  get count(): number {
    return this.#count;
  }

  add(account: Account): void {
    this.#kept[this.#count++ % keptMax] = account;
  }

  /** Forgets accounts, which may be gone. */
  clear(): void {
    this.#kept.fill(undefined);
    this.#keptFrom = this.#count;
  }

  /** Tells a route of all that it has not heard. */
  tell(route: Touched): void {
    const from = route.touchedTo;
    if (from === this.#count) return;
    route.touchedTo = this.#count;
    const missed = this.#count - from;
    if (from < this.#keptFrom || missed > keptMax || missed > route.accounts.length) {
      for (const account of route.accounts) route.touch(account);
      return;
    }
    for (let at = from; at < this.#count; at++) {
      const account = this.#kept[at % keptMax];
      if (account !== undefined) route.touch(account);
    }
  }
}

import type { Account, Counts } from './account.ts';
import { GivenLoans, type GivenLoan } from './given-loans.ts';
import { HeldLoans } from './held-loans.ts';

/** Units that are taken until they are released. What was borrowed is like an own part until it is given back. */
export class UseAccount implements Account {
  share = 0;
  /** Nothing of an earlier process is taken any more, so nothing has to be written down before it is. */
  ceiling = Number.POSITIVE_INFINITY;
  readonly given = new GivenLoans();
  readonly held = new HeldLoans();
  readonly isIndebted = false;
  inUse = 0;
  #blamed = 0;
  #blamedUntilMs = 0;

  blame(amount: number, untilMs: number): void {
    this.#blamed = amount;
    this.#blamedUntilMs = untilMs;
  }

  /** What was taken ends with the process; loans are written down one by one. */
  counts(): Counts {
    return [];
  }

  restore(): void {}

  takeable(nowMs: number): number {
    if (this.#blamed > 0 && nowMs >= this.#blamedUntilMs) this.#blamed = 0;
    return Math.max(0, this.left);
  }

  get counted(): number {
    return this.given.total + this.#blamed + Math.max(0, this.inUse - this.held.total);
  }

  get left(): number {
    return Math.max(0, this.#kept) + this.held.total - this.inUse;
  }

  lendable(nowMs: number): number {
    return Math.max(0, Math.min(this.#kept, this.takeable(nowMs)));
  }

  spend(_nowMs: number, amount: number): void {
    this.inUse += amount;
  }

  correct(_nowMs: number, difference: number): void {
    this.inUse = Math.max(0, this.inUse + difference);
  }

  release(amount: number): void {
    this.inUse = Math.max(0, this.inUse - amount);
  }

  close(_nowMs: number, loan: GivenLoan): void {
    this.given.close(loan);
  }

  /** When requests end nobody knows. */
  untilFreeMs(): number {
    return 0;
  }

  untilEmptyMs(): number {
    return 0;
  }

  isIdle(nowMs: number): boolean {
    this.takeable(nowMs);
    return this.inUse === 0 && this.counted === 0 && this.held.size === 0 && !this.held.hasOver;
  }

  /** The own share without what is lent. */
  get #kept(): number {
    return this.share - this.given.total - this.#blamed;
  }
}

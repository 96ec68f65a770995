import type { Account, Counts } from './account.ts';
import { GivenLoans, type GivenLoan } from './given-loans.ts';
import type { Spends } from './held-loan.ts';
import { HeldLoans } from './held-loans.ts';
import { graceMs, shortened, stretched } from './limits.ts';
import { SpendRing } from './spend-ring.ts';

/** Units that come back one window after they were taken. */
export class WindowAccount implements Account {
  share = 0;
  ceiling = Number.POSITIVE_INFINITY;
  readonly given = new GivenLoans();
  readonly held = new HeldLoans();
  readonly ring: SpendRing;
  isIndebted = false;
  readonly #windowMs: number;
  #blamed = 0;
  #blamedUntilMs = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    this.ring = new SpendRing(windowMs);
  }

  blame(amount: number, untilMs: number): void {
    this.#blamed = amount;
    this.#blamedUntilMs = untilMs;
  }

  counts(nowMs: number): Counts {
    this.#pass(nowMs);
    const counts = [...this.ring.entries(nowMs)];
    const loans = this.given.all().map(({ endMs, amount }) => [this.#goneMs(endMs) - nowMs, amount] as const);
    const blamed = this.#blamed > 0 ? [[this.#blamedUntilMs - nowMs, this.#blamed] as const] : [];
    return [...counts, ...loans, ...blamed];
  }

  restore(nowMs: number, counts: Counts): void {
    this.#pass(nowMs);
    for (const [index, [leftMs, amount]] of counts.entries()) {
      const atMs = nowMs + leftMs - stretched(this.#windowMs);
      if (atMs <= nowMs) this.ring.add(atMs, amount);
      else this.given.add({ borrower: '', id: index, amount, givenMs: nowMs, endMs: atMs });
    }
  }

  takeable(nowMs: number): number {
    this.#pass(nowMs);
    if (this.isIndebted) {
      if (this.share < this.counted) return 0;
      this.isIndebted = false;
    }
    const free = this.#free;
    return (free > 0 ? free : 0) + this.held.left;
  }

  get counted(): number {
    return this.ring.total + this.given.total + this.#blamed;
  }

  get left(): number {
    const own = this.share - this.counted;
    return this.isIndebted ? own : Math.max(0, own) + this.held.left;
  }

  lendable(nowMs: number): number {
    this.takeable(nowMs);
    return this.isIndebted ? 0 : Math.max(0, this.#free);
  }

  spend(nowMs: number, amount: number): void {
    const rest = this.held.left > 0 ? this.held.spend(nowMs, amount) : amount;
    if (rest > 0) this.ring.add(nowMs, rest);
  }

  correct(nowMs: number, difference: number, agoMs: number): void {
    const takeable = this.takeable(nowMs);
    if (difference < 0) this.ring.remove(nowMs - agoMs, -difference);
    else if (difference <= takeable) this.spend(nowMs, difference);
    else {
      this.ring.add(nowMs, this.held.spend(nowMs, difference));
      this.isIndebted = this.share < this.counted;
    }
  }

  /** What was taken within a window comes back by itself. */
  release(): void {}

  close(nowMs: number, loan: GivenLoan, spends: Spends): void {
    this.#pass(nowMs);
    if (this.given.close(loan) === undefined) return;
    for (const [agoMs, amount] of spends) {
      this.ring.add(Math.max(loan.givenMs, nowMs - shortened(agoMs)), amount);
    }
  }

  untilFreeMs(nowMs: number, amount: number): number {
    const lacking = amount - Math.max(0, this.takeable(nowMs));
    if (lacking <= 0) return 0;
    return this.ring.untilGoneMs(lacking + Math.max(0, -this.#free), nowMs) ?? this.untilEmptyMs(nowMs);
  }

  untilEmptyMs(nowMs: number): number {
    this.#pass(nowMs);
    let untilMs = this.ring.untilEmptyMs(nowMs);
    if (this.#blamed > 0) untilMs = Math.max(untilMs, this.#blamedUntilMs - nowMs);
    if (this.given.size > 0) untilMs = Math.max(untilMs, this.#goneMs(this.given.nextEndMs) - nowMs);
    return untilMs;
  }

  isIdle(nowMs: number): boolean {
    this.#pass(nowMs);
    return this.counted === 0 && this.held.size === 0 && !this.held.hasOver;
  }

  /** Of the own share, as far as it may be taken without a further word on the disk. */
  get #free(): number {
    const { share, ceiling } = this;
    return (share < ceiling ? share : ceiling) - this.counted;
  }

  /** When a loan that ends then has ceased to count. */
  #goneMs(endMs: number): number {
    return endMs + stretched(this.#windowMs) + this.ring.slotMs;
  }

  #pass(nowMs: number): void {
    this.ring.pass(nowMs);
    if (nowMs >= this.held.nextEndMs) this.held.end(nowMs);
    if (nowMs >= this.given.nextEndMs + graceMs) this.#endGiven(nowMs);
    if (this.#blamed > 0 && nowMs >= this.#blamedUntilMs) this.#blamed = 0;
  }

  /** Nobody said what became of them: they count as taken at the last moment. */
  #endGiven(nowMs: number): void {
    for (const { endMs, amount } of this.given.closeEnded(nowMs - graceMs)) this.ring.add(endMs, amount);
  }
}

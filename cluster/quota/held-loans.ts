import type { NodeId } from '../membership/contract.ts';
import type { HeldLoan } from './held-loan.ts';

/** What one bucket has borrowed and may still spend, the soonest end first. */
export class HeldLoans {
  /** Not spent yet, of all. */
  left = 0;
  /** Borrowed, of all. */
  total = 0;
  nextEndMs = Number.POSITIVE_INFINITY;
  readonly #loans: HeldLoan[] = [];
  /** Spent or ended: to be given back. */
  #over: HeldLoan[] = [];

  get size(): number {
    return this.#loans.length;
  }

  get hasOver(): boolean {
    return this.#over.length > 0;
  }

  all(): readonly HeldLoan[] {
    return this.#loans;
  }

  add(loan: HeldLoan): void {
    const place = this.#loans.findIndex(({ endMs }) => endMs > loan.endMs);
    this.#loans.splice(place < 0 ? this.#loans.length : place, 0, loan);
    this.left += loan.left;
    this.total += loan.amount;
    this.#look();
  }

  /** Spends from those that end first. Answers what they could not give. Nothing that has ended is here: see `end`. */
  spend(nowMs: number, amount: number): number {
    let rest = amount;
    while (rest > 0) {
      const loan = this.#loans[0];
      if (loan === undefined) break;
      const part = Math.min(loan.left, rest);
      loan.spend(nowMs, part);
      this.left -= part;
      rest -= part;
      if (loan.left === 0) this.#takeOut(0);
    }
    return rest;
  }

  /** Takes those out that have ended. */
  end(nowMs: number): void {
    while ((this.#loans[0]?.endMs ?? Number.POSITIVE_INFINITY) <= nowMs) this.#takeOut(0);
  }

  /** Takes out those that `isUnwanted` says. */
  drop(isUnwanted: (loan: HeldLoan) => boolean): void {
    for (let index = this.#loans.length - 1; index >= 0; index--) {
      const loan = this.#loans[index];
      if (loan !== undefined && isUnwanted(loan)) this.#takeOut(index);
    }
  }

  /** Those to be given back, once. */
  takeOver(): readonly HeldLoan[] {
    const over = this.#over;
    this.#over = [];
    return over;
  }

  countOf(lender: NodeId): number {
    return this.#loans.filter((loan) => loan.lender === lender).length;
  }

  #takeOut(index: number): void {
    const [loan] = this.#loans.splice(index, 1);
    if (loan === undefined) return;
    this.left -= loan.left;
    this.total -= loan.amount;
    this.#over.push(loan);
    this.#look();
  }

  #look(): void {
    this.nextEndMs = this.#loans[0]?.endMs ?? Number.POSITIVE_INFINITY;
  }
}

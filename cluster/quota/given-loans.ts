import type { NodeId } from '../membership/contract.ts';

/** Units that another node may spend in place of this one. */
export interface GivenLoan {
  readonly borrower: NodeId;
  /** The borrower's number for it. */
  readonly id: number;
  readonly amount: number;
  readonly givenMs: number;
  /** When the borrower has stopped to spend from it, by this node's clock; Infinity without a window. */
  readonly endMs: number;
}

/** What one bucket has lent and not got back. */
export class GivenLoans {
  total = 0;
  /** The first end. */
  nextEndMs = Number.POSITIVE_INFINITY;
  readonly #loans = new Map<string, GivenLoan>();

  get size(): number {
    return this.#loans.size;
  }

  get(borrower: NodeId, id: number): GivenLoan | undefined {
    return this.#loans.get(keyOf(borrower, id));
  }

  all(): GivenLoan[] {
    return [...this.#loans.values()];
  }

  add(loan: GivenLoan): void {
    this.#loans.set(keyOf(loan.borrower, loan.id), loan);
    this.total += loan.amount;
    this.nextEndMs = Math.min(this.nextEndMs, loan.endMs);
  }

  /** It is over: its units are this node's again, or counted as taken by the caller. */
  close({ borrower, id }: Pick<GivenLoan, 'borrower' | 'id'>): GivenLoan | undefined {
    const loan = this.get(borrower, id);
    if (loan === undefined) return undefined;
    this.#loans.delete(keyOf(borrower, id));
    this.total -= loan.amount;
    return loan;
  }

  /** Takes out those that ended before `byMs`. */
  closeEnded(byMs: number): GivenLoan[] {
    const ended = this.all().filter(({ endMs }) => endMs <= byMs);
    for (const loan of ended) this.close(loan);
    this.nextEndMs = Number.POSITIVE_INFINITY;
    for (const { endMs } of this.#loans.values()) this.nextEndMs = Math.min(this.nextEndMs, endMs);
    return ended;
  }
}

function keyOf(borrower: NodeId, id: number): string {
  return `${id}/${borrower}`;
}

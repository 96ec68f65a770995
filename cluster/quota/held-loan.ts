import type { NodeId } from '../membership/contract.ts';

/** Steps of a loan's life by which its spends are remembered. */
const stepCount = 8;

export interface HeldLoanTerms {
  readonly lender: NodeId;
  readonly id: number;
  readonly amount: number;
  /** When this node asked for it. */
  readonly askedMs: number;
  /** From then on nothing is spent from it; Infinity without a window. */
  readonly endMs: number;
}

/** What was spent of a loan, as its lender is told: how long ago, and how much. */
export type Spends = readonly (readonly [agoMs: number, amount: number])[];

/** Units of another node that this one may spend. */
export class HeldLoan implements HeldLoanTerms {
  readonly lender: NodeId;
  readonly id: number;
  readonly amount: number;
  readonly askedMs: number;
  readonly endMs: number;
  /** Not spent yet. */
  left: number;
  /** When the lender last asked after it. */
  heardMs: number;
  readonly #spent = new Float64Array(stepCount);
  readonly #stepMs: number;

  constructor({ lender, id, amount, askedMs, endMs }: HeldLoanTerms) {
    this.lender = lender;
    this.id = id;
    this.amount = amount;
    this.left = amount;
    this.askedMs = askedMs;
    this.heardMs = askedMs;
    this.endMs = endMs;
    this.#stepMs = (endMs - askedMs) / stepCount;
  }

  /** No more than is left. */
  spend(nowMs: number, amount: number): void {
    const step = Math.min(stepCount - 1, Math.max(0, Math.floor((nowMs - this.askedMs) / this.#stepMs)));
    this.#spent[step] = (this.#spent[step] ?? 0) + amount;
    this.left -= amount;
  }

  /** What was spent, no longer ago than it was. */
  spends(nowMs: number): Spends {
    const spends: (readonly [number, number])[] = [];
    for (let step = 0; step < stepCount; step++) {
      const amount = this.#spent[step] ?? 0;
      const lastMs = Math.min(this.endMs, this.askedMs + (step + 1) * this.#stepMs);
      if (amount > 0) spends.push([Math.max(0, Math.floor(nowMs - lastMs)), amount]);
    }
    return spends;
  }
}

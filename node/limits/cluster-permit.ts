import type { Clock } from '../../kit/clock.ts';
import type { LimitReadings, Permit } from './contract.ts';
import type { KeyBudget } from './key-budget.ts';
import type { KeyGate } from './key-gate.ts';

/** Whom a permit tells when its request has ended. */
export interface PermitDesk {
  readonly clock: Clock;
  onSpent(budget: KeyBudget): void;
}

/** A request under way: one object, which gives back what it holds once. */
export class ClusterPermit implements Permit {
  readonly #gate: KeyGate;
  readonly #desk: PermitDesk;
  readonly #tokensEstimated: number;
  readonly #tokensTaken: number;
  readonly #costEstimated: number;
  readonly #takenAtMs: number;
  #isSettled = false;

  constructor(gate: KeyGate, desk: PermitDesk, tokensEstimated: number, tokensTaken: number) {
    this.#gate = gate;
    this.#desk = desk;
    this.#tokensEstimated = tokensEstimated;
    this.#tokensTaken = tokensTaken;
    this.#costEstimated = gate.budget?.meanCost ?? 0;
    this.#takenAtMs = gate.tokens === undefined ? 0 : desk.clock.monotonicMs();
    gate.underWay++;
    gate.budget?.begin(tokensEstimated, this.#costEstimated);
  }

  readings(): LimitReadings {
    return this.#gate.readings();
  }

  settle(tokens: number | undefined, costNano: number | undefined): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const gate = this.#gate;
    gate.underWay--;
    gate.concurrent?.release(1);
    const used = tokens ?? this.#tokensEstimated;
    this.#correct(used - this.#tokensTaken);
    if (gate.budget !== undefined) this.#spend(gate.budget, used, costOf(tokens, costNano, this.#costEstimated));
  }

  #correct(difference: number): void {
    const { tokens } = this.#gate;
    if (tokens === undefined || difference === 0) return;
    tokens.correct(difference, this.#desk.clock.monotonicMs() - this.#takenAtMs);
  }

  #spend(budget: KeyBudget, tokens: number, cost: number): void {
    budget.end(this.#tokensEstimated, this.#costEstimated, tokens, cost);
    if (tokens > 0 || cost > 0) this.#desk.onSpent(budget);
  }
}

/** Tokens that are known without a cost are those of a model without a price. */
function costOf(tokens: number | undefined, costNano: number | undefined, estimated: number): number {
  return costNano ?? (tokens === undefined ? estimated : 0);
}

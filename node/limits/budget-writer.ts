import type { Mesh } from '../../cluster/contract.ts';
import { DenseSet } from '../../kit/dense-set.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { complaintPeriodMs, unwrittenMsMax, urgentShare, writePeriodMs, writesPerTurnMax } from './bounds.ts';
import { budgetPayload, budgetRecordId, budgetTable } from './budget-record.ts';
import type { KeyBudget } from './key-budget.ts';

export interface BudgetWriterParts {
  readonly mesh: Pick<Mesh, 'self' | 'records'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the key is there: what a removed one spent is written no more. */
  readonly hasKey: (key: string) => boolean;
}

/**
 * Writes what keys spent here: soon where it is much of what is left, at leisure where it is not, and never more than a
 * bounded number of records a second; then the most urgent first, and what waits becomes more urgent.
 */
export class BudgetWriter {
  readonly #parts: BudgetWriterParts;
  readonly #unwritten = new DenseSet<KeyBudget>();
  #timer: Timer | undefined;
  #complainedMs = Number.NEGATIVE_INFINITY;
  #isStopped = false;

  constructor(parts: BudgetWriterParts) {
    this.#parts = parts;
  }

  /** Keys of which something is not written. */
  get waiting(): number {
    return this.#unwritten.size;
  }

  /** Something was spent of it. */
  note(budget: KeyBudget): void {
    if (budget.denseIndex !== -1) return;
    budget.unwrittenSinceMs = this.#parts.clock.monotonicMs();
    this.#unwritten.add(budget);
    this.#plan();
  }

  /** Writes all of it, so that a start finds it. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#parts.mesh.records.isCurrent()) for (const budget of this.#unwritten.snapshot()) this.#write(budget);
  }

  #plan(): void {
    if (this.#isStopped || this.#timer !== undefined || this.#unwritten.size === 0) return;
    this.#timer = this.#parts.clock.after(writePeriodMs, () => {
      this.#timer = undefined;
      this.#turn();
      this.#plan();
    });
  }

  /** Before this node has compared records with the others, its own may be among those that it lacks. */
  #turn(): void {
    if (!this.#parts.mesh.records.isCurrent()) return;
    const nowMs = this.#parts.clock.monotonicMs();
    const due: { budget: KeyBudget; rank: number }[] = [];
    for (const budget of this.#unwritten.snapshot()) {
      const waited = (nowMs - budget.unwrittenSinceMs) / unwrittenMsMax;
      const urgency = budget.urgency / urgentShare;
      if (waited >= 1 || urgency > 1) due.push({ budget, rank: waited + urgency });
    }
    due.sort((one, other) => other.rank - one.rank);
    for (const { budget } of due.slice(0, writesPerTurnMax)) this.#write(budget);
  }

  #write(budget: KeyBudget): void {
    this.#unwritten.delete(budget);
    if (!this.#parts.hasKey(budget.key) || !budget.isUnwritten) return;
    const { self, records } = this.#parts.mesh;
    try {
      records.put(budgetTable, budgetRecordId(budget.key, self), budgetPayload(budget.write()));
    } catch (error) {
      budget.forgetWritten();
      this.#unwritten.add(budget);
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#complainedMs < complaintPeriodMs) return;
    this.#complainedMs = nowMs;
    this.#parts.log.error('What keys spent of their budgets cannot be written; trying again.', { error });
  }
}

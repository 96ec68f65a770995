import type { Mesh } from '../../cluster/contract.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import { removalsPerSweepMax, sweepPeriodMs } from './bounds.ts';
import type { BudgetBook } from './budget-book.ts';
import { budgetTable, keyAndNodeOf, readBudget } from './budget-record.ts';
import type { Calendar } from './calendar.ts';

export interface BudgetSweepParts {
  readonly mesh: Pick<Mesh, 'self' | 'records' | 'members' | 'leadership'>;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly book: BudgetBook;
  readonly hasKey: (key: string) => boolean;
}

/**
 * Removes what counts no more: records of past months (each node its own, the leader those of nodes that are gone), and
 * those of keys that are gone (the leader).
 */
export class BudgetSweep {
  readonly #parts: BudgetSweepParts;
  /** Keys that were not there at the last sweep. Records of a new key may come before the key does, so one look is not enough. */
  #missing = new Set<string>();
  #timer: Timer | undefined;

  constructor(parts: BudgetSweepParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = this.#parts.clock.every(sweepPeriodMs, () => this.#sweep());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #sweep(): void {
    const { mesh, calendar, book, hasKey } = this.#parts;
    calendar.look();
    if (!mesh.records.isCurrent()) return;
    const missing = new Set<string>();
    const outdated: string[] = [];
    for (const { id, payload } of mesh.records.list(budgetTable)) {
      const { key, node } = keyAndNodeOf(id) ?? { key: '', node: '' };
      if (!hasKey(key)) missing.add(key);
      if (outdated.length < removalsPerSweepMax && this.#isOutdated(key, node, payload)) outdated.push(id);
    }
    this.#missing = missing;
    for (const id of outdated) mesh.records.remove(budgetTable, id);
    for (const budget of book.all()) if (budget.isIdle && !hasKey(budget.key)) book.delete(budget.key);
  }

  #isOutdated(key: string, node: string, payload: unknown): boolean {
    const { mesh, calendar, hasKey } = this.#parts;
    const isForLeader = mesh.leadership.isSelf;
    if (isForLeader && this.#missing.has(key) && !hasKey(key)) return true;
    const month = readBudget(payload)?.month ?? calendar.month;
    return month < calendar.month && (node === mesh.self || (isForLeader && !mesh.members.isLive(node)));
  }
}

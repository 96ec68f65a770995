import type { Mesh } from '../../cluster/contract.ts';
import type { ReplicatedRecord } from '../../cluster/replicated/contract.ts';
import { budgetTable, keyAndNodeOf, readBudget } from './budget-record.ts';
import type { Calendar } from './calendar.ts';
import { KeyBudget } from './key-budget.ts';
import type { VoterReach } from './voter-reach.ts';

export interface BudgetBookParts {
  readonly mesh: Pick<Mesh, 'self' | 'records'>;
  readonly calendar: Calendar;
  readonly reach: VoterReach;
  /** Somebody else removed this node's record, though something of it may count still. */
  readonly onOwnRemoved: (budget: KeyBudget) => void;
}

/**
 * What every key has spent, as the records of all nodes say. As many keys as there are with a record (the table is
 * bounded), and those with a budget that are in use.
 */
export class BudgetBook {
  readonly #parts: BudgetBookParts;
  readonly #byKey = new Map<string, KeyBudget>();

  constructor(parts: BudgetBookParts) {
    this.#parts = parts;
    for (const record of parts.mesh.records.list(budgetTable)) this.#take(record);
    this.#markSplit();
    parts.reach.onBroken(() => this.#markSplit());
    parts.mesh.records.watch(budgetTable, (record, origin) => {
      if (origin === 'remote') this.#take(record);
    });
  }

  get(key: string): KeyBudget | undefined {
    return this.#byKey.get(key);
  }

  at(key: string): KeyBudget {
    let budget = this.#byKey.get(key);
    if (budget === undefined) {
      budget = new KeyBudget(key, this.#parts.calendar, this.#parts.reach);
      this.#byKey.set(key, budget);
    }
    return budget;
  }

  all(): MapIterator<KeyBudget> {
    return this.#byKey.values();
  }

  delete(key: string): void {
    this.#byKey.delete(key);
  }

  #markSplit(): void {
    for (const budget of this.#byKey.values()) budget.markSplit();
  }

  #take({ id, payload, isDeleted }: ReplicatedRecord): void {
    const name = keyAndNodeOf(id);
    const spent = isDeleted ? undefined : readBudget(payload);
    if (name === undefined) return;
    this.#parts.calendar.look();
    const budget = spent === undefined ? this.#byKey.get(name.key) : this.at(name.key);
    if (budget === undefined) return;
    if (name.node !== this.#parts.mesh.self) budget.take(name.node, spent);
    else if (spent !== undefined) budget.takeOwn(spent);
    else this.#parts.onOwnRemoved(budget);
  }
}

import { Hash64 } from '../hash64.ts';
import type { ReplicatedRecord } from './contract.ts';
import { foreignTablesMax, tablesMax } from './limits.ts';
import { RecordTable } from './record-table.ts';

/** The tables by name. Those that this node uses itself always find room; those that only others use have less. */
export class RecordTables {
  readonly #tables = new Map<string, RecordTable>();
  readonly #fenced: ReadonlySet<string>;
  readonly #isExpired: (record: ReplicatedRecord) => boolean;
  #foreignCount = 0;

  constructor(fencedTables: readonly string[], isExpired: (record: ReplicatedRecord) => boolean) {
    this.#fenced = new Set(fencedTables);
    this.#isExpired = isExpired;
  }

  get(name: string): RecordTable | undefined {
    return this.#tables.get(name);
  }

  isFenced(name: string): boolean {
    return this.#fenced.has(name);
  }

  /** A table that this node uses; undefined when there are too many. */
  own(name: string): RecordTable | undefined {
    const present = this.#tables.get(name);
    if (present !== undefined) return present;
    return this.#tables.size >= tablesMax ? undefined : this.#add(name);
  }

  /** A table that a member speaks of; undefined when there are too many of that kind. */
  foreign(name: string): RecordTable | undefined {
    const present = this.#tables.get(name);
    if (present !== undefined) return present;
    if (this.#foreignCount >= foreignTablesMax) return undefined;
    const table = this.own(name);
    if (table !== undefined) this.#foreignCount++;
    return table;
  }

  all(): MapIterator<RecordTable> {
    return this.#tables.values();
  }

  /** 64 bits in hexadecimal. A table without records counts as none. */
  digest(): string {
    const hash = new Hash64(4);
    const tables = [...this.all()].filter(({ isBlank }) => !isBlank);
    for (const table of tables.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const { high, low } = table.hash();
      hash.text(table.name).word(high).word(low);
    }
    return [hash.high, hash.low].map((half) => half.toString(16).padStart(8, '0')).join('');
  }

  #add(name: string): RecordTable {
    const table = new RecordTable(name, this.isFenced(name), this.#isExpired);
    this.#tables.set(name, table);
    return table;
  }
}

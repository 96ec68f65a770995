import type { RecordOrigin, Records, ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import { tombstoneKeepMs } from '../../../cluster/replicated/limits.ts';
import { compareStamps } from '../../../cluster/replicated/stamp.ts';
import type { Clock } from '../../../kit/clock.ts';

/** A record is 64 KiB at most, and a usual one less than one. */
const batchMax = 100;

export interface RecordLedgerParts {
  readonly records: Pick<Records, 'watch'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly tables: readonly string[];
  /** Something was written here. */
  readonly onOwn: () => void;
}

/**
 * What this node has of the tables that nodes share over a database, deleted records included, and which of them the
 * database has not confirmed yet. As large as the tables, which are bounded.
 */
export class RecordLedger {
  readonly #parts: RecordLedgerParts;
  readonly #known = new Map<string, ReplicatedRecord>();
  readonly #waiting = new Map<string, ReplicatedRecord>();

  /** Before the records are started, which tell of what the disk held then. */
  constructor(parts: RecordLedgerParts) {
    this.#parts = parts;
    for (const table of parts.tables) parts.records.watch(table, (record, origin) => this.#heard(record, origin));
  }

  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** What was read of the database. */
  seen(records: readonly ReplicatedRecord[]): void {
    for (const record of records) {
      const waiting = this.#waiting.get(keyOf(record));
      if (waiting !== undefined && compareRecords(waiting, record) <= 0) this.#waiting.delete(keyOf(record));
    }
  }

  /** `found` is all that the database has: what is newer here, or only here, waits to be written. */
  compare(found: ReadonlyMap<string, ReplicatedRecord>): void {
    this.forgetExpired();
    for (const [key, record] of this.#known) {
      const there = found.get(key);
      if (there === undefined || compareRecords(record, there) > 0) this.#waiting.set(key, record);
    }
  }

  /** Some that wait. */
  next(): ReplicatedRecord[] {
    return this.#waiting.values().take(batchMax).toArray();
  }

  /** The database has them, or something newer. */
  written(records: readonly ReplicatedRecord[]): void {
    for (const record of records) {
      if (this.#waiting.get(keyOf(record)) === record) this.#waiting.delete(keyOf(record));
    }
  }

  /** Deleted ones of so long ago that the mesh forgets them too. */
  forgetExpired(): void {
    const beforeMs = this.#parts.clock.nowMs() - tombstoneKeepMs;
    for (const [key, { isDeleted, stamp }] of this.#known) {
      if (isDeleted && stamp.major < beforeMs) this.#known.delete(key);
    }
  }

  #heard(record: ReplicatedRecord, origin: RecordOrigin): void {
    this.#known.set(keyOf(record), record);
    if (origin !== 'own') return;
    this.#waiting.set(keyOf(record), record);
    this.#parts.onOwn();
  }
}

export function keyOf({ table, id }: ReplicatedRecord): string {
  return `${table}\n${id}`;
}

/** Negative: `left` is older. As the database orders them. */
function compareRecords(left: ReplicatedRecord, right: ReplicatedRecord): number {
  const order = compareStamps(left.stamp, right.stamp);
  if (order !== 0) return order;
  return left.writer === right.writer ? 0 : left.writer < right.writer ? -1 : 1;
}

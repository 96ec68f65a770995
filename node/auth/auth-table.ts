import type { z } from 'zod';
import type { Records, ReplicatedRecord } from '../../cluster/replicated/contract.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { LruMap } from '../../kit/lru-map.ts';
import { authFaults } from './faults.ts';
import { type FieldStamps, merged, readStamps, stampsAfter, stampsField } from './field-stamps.ts';
import { fromPayload, toPayload } from './record-form.ts';

/** A call is answered after this at the latest: neither a frozen member nor a disk that fails must hold it up. */
const confirmMs = 1000;

/** As many as the mesh keeps tombstones of a table. */
const removedMax = 20_000;

/** A member can write as many records as it likes; a line a minute tells of those that cannot be read. */
const complaintPeriodMs = 60_000;

export interface AuthTableParts {
  readonly records: Records;
  readonly clock: Clock;
  readonly log: Log;
}

export interface AuthTableOptions<Value> {
  readonly table: string;
  readonly schema: z.ZodType<Value>;
  /** Ids are never used twice: what was removed once stays removed, though a change written elsewhere brings it back. */
  readonly isFinal: boolean;
  /**
   * Fields that are changed one by one: of two changes that were made without knowing of each other both stand. Absent:
   * the later record stands.
   */
  readonly fields?: readonly string[];
  /** After every change of what the table holds; both undefined never happens. */
  onChange(now: Held<Value> | undefined, before: Held<Value> | undefined): void;
}

export interface Held<Value> {
  readonly id: string;
  readonly value: Value;
  /** Of the write: the same text always stands for the same value. */
  readonly revision: string;
}

interface Kept<Value> extends Held<Value> {
  readonly stamps: FieldStamps;
}

/** One table of records, read and held in memory. What cannot be read is as if it were not there. */
export class AuthTable<Value extends object> {
  readonly #parts: AuthTableParts;
  readonly #options: AuthTableOptions<Value>;
  readonly #held = new Map<string, Kept<Value>>();
  readonly #removed = new LruMap<string, true>(removedMax);
  #isUntouched = true;
  #complainedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: AuthTableParts, options: AuthTableOptions<Value>) {
    this.#parts = parts;
    this.#options = options;
    for (const record of parts.records.list(options.table)) this.#take(record);
    parts.records.watch(options.table, (record) => this.#take(record));
  }

  /** Whether no record has ever been here, of whatever kind. */
  get isUntouched(): boolean {
    return this.#isUntouched;
  }

  get size(): number {
    return this.#held.size;
  }

  get(id: string): Held<Value> | undefined {
    return this.#held.get(id);
  }

  all(): MapIterator<Held<Value>> {
    return this.#held.values();
  }

  /**
   * Writes at once; resolves when all live members have it and this node's disk too, or after a bounded time. Rejects
   * with `changed_meanwhile` where another member's write took its place.
   */
  async put(id: string, value: Value): Promise<void> {
    const { records } = this.#parts;
    const record = records.put(this.#options.table, id, this.#payloadOf(id, value));
    await this.#confirmed(record);
    // A later write of this node was made of this one.
    if (records.get(this.#options.table, id)?.writer === record.writer) return;
    throw authFaults.changed_meanwhile(`${id} was changed by somebody else at the same time; look at it and try again`);
  }

  /** Without waiting for anybody. */
  putLater(id: string, value: Value): void {
    this.#parts.records.put(this.#options.table, id, this.#payloadOf(id, value));
  }

  /** As `put`; nothing happens where there is none. */
  async remove(id: string): Promise<void> {
    const { records } = this.#parts;
    if (records.get(this.#options.table, id) === undefined) return;
    await this.#confirmed(records.remove(this.#options.table, id));
  }

  /** Without waiting for anybody. */
  removeLater(id: string): void {
    const { records } = this.#parts;
    if (records.get(this.#options.table, id) !== undefined) records.remove(this.#options.table, id);
  }

  #take(record: ReplicatedRecord): void {
    const { id } = record;
    this.#isUntouched = false;
    const before = this.#held.get(id);
    const read = this.#read(record);
    const now = read === undefined || before === undefined ? read : this.#joined(read, before);
    if (now === undefined) this.#held.delete(id);
    else this.#held.set(id, now);
    if (now !== undefined || before !== undefined) this.#options.onChange(now, before);
  }

  #payloadOf(id: string, value: Value): Record<string, unknown> {
    const before = this.#held.get(id);
    if (before === undefined || this.#options.fields === undefined) return toPayload(value);
    return { ...toPayload(value), [stampsField]: stampsAfter(before, value, this.#parts.clock.nowMs()) };
  }

  /** With what `before` says that the writer of `now` did not know of; that is written for all, in a turn of its own. */
  #joined(now: Kept<Value>, before: Kept<Value>): Kept<Value> {
    const { id } = now;
    const both = merged(now, before);
    if (both === now) return now;
    const joined = { ...both, id, revision: `${now.revision}+${before.revision}` };
    this.#parts.clock.after(0, () => {
      if (this.#held.get(id) === joined) this.putLater(id, joined.value);
    });
    return joined;
  }

  #read(record: ReplicatedRecord): Kept<Value> | undefined {
    const { id, payload, isDeleted } = record;
    if (isDeleted) {
      if (this.#options.isFinal) this.#removed.set(id, true);
      return undefined;
    }
    if (this.#removed.peek(id) === true) return this.#removeAgain(id);
    const parsed = this.#options.schema.safeParse(fromPayload(payload));
    if (parsed.success) {
      const stamps = readStamps(payload, this.#options.fields ?? []);
      return { id, value: parsed.data, revision: revisionOf(record), stamps };
    }
    this.#complain(record);
    return undefined;
  }

  /** In a turn of its own: the records are in the middle of a write. */
  #removeAgain(id: string): undefined {
    this.#parts.clock.after(0, () => this.removeLater(id));
  }

  #complain({ table, id, writer }: ReplicatedRecord): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#complainedMs < complaintPeriodMs) return;
    this.#complainedMs = nowMs;
    this.#parts.log.warn('a record cannot be read and counts as not there', { table, id, writer });
  }

  #confirmed(record: ReplicatedRecord): Promise<void> {
    return new Promise((resolve) => this.#parts.records.confirm(record, confirmMs, () => resolve()));
  }
}

function revisionOf({ stamp, writer }: ReplicatedRecord): string {
  return `${stamp.major}.${stamp.minor}.${writer}`;
}

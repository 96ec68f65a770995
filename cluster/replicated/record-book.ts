import { isFault } from '../../kit/fault.ts';
import { LruMap } from '../../kit/lru-map.ts';
import type { Environment } from '../environment.ts';
import { termLeapMax } from '../leader/election-messages.ts';
import type { RecordOrigin, ReplicatedRecord, Stamp } from './contract.ts';
import { recordFaults } from './faults.ts';
import { HybridClock } from './hybrid-clock.ts';
import {
  absencesMax,
  countMax,
  idLengthMax,
  recordsPerTableMax,
  tableNameLengthMax,
  tombstoneKeepMs,
  wallMsMax,
} from './limits.ts';
import type { RecordTable } from './record-table.ts';
import { RecordTables } from './record-tables.ts';
import { decodeRecord, encodeRecord, hashRecord } from './record-wire.ts';
import { compareRanks, rankOf, type HashedRecord } from './stamp.ts';
import type { WriteBehind } from './write-behind.ts';

/** `known`: this or a newer one is here. `ahead`: refused, it is from the future. `refused`: its term is absurd, or there is no room. */
export type Taking = 'taken' | 'known' | 'ahead' | 'refused';

/** What is wrong with records or clocks is logged this often at most. */
const complaintPeriodMs = 60_000;

export interface RecordBookParts {
  readonly writes: WriteBehind;
  readonly fencedTables: readonly string[];
  readonly isMember: (name: string) => boolean;
  /** The newest term of the election that this node knows of. */
  readonly knownTerm: () => number;
}

/** The records of this node: takes in own, remote and kept ones, the newer winning, and tells who watches. */
export class RecordBook {
  readonly tables: RecordTables;
  readonly #environment: Environment;
  readonly #writes: WriteBehind;
  readonly #hybrid: HybridClock;
  readonly #isMember: (name: string) => boolean;
  readonly #knownTerm: () => number;
  readonly #watchers = new Map<string, ((record: ReplicatedRecord, origin: RecordOrigin) => void)[]>();
  /** From the disk, until those who watch are told. */
  #kept: HashedRecord[] = [];
  /** Members whose clocks were complained of. */
  readonly #aheadWriters = new LruMap<string, true>(absencesMax);
  #complainedMs = Number.NEGATIVE_INFINITY;

  constructor(environment: Environment, { writes, fencedTables, isMember, knownTerm }: RecordBookParts) {
    this.#environment = environment;
    this.#writes = writes;
    this.#isMember = isMember;
    this.#knownTerm = knownTerm;
    this.#hybrid = new HybridClock(environment.clock);
    this.tables = new RecordTables(fencedTables, (record) => this.#isExpired(record));
  }

  /** Takes in what the disk held. What is malformed, or an expired tombstone, is left out and taken off the disk. */
  keep(kept: readonly ReplicatedRecord[]): void {
    let leftOutCount = 0;
    for (const record of kept) {
      const hashed = readRecord(record);
      const table = hashed === undefined ? undefined : this.tables.own(record.table);
      if (table !== undefined && !table.isFenced) this.#hybrid.witness(record.stamp);
      if (hashed !== undefined && table?.put(hashed) === true) {
        this.#kept.push(hashed);
      } else {
        leftOutCount++;
        this.#writes.forget(record);
      }
    }
    if (leftOutCount > 0) this.#environment.log.info('Records on disk were outdated or malformed.', { leftOutCount });
  }

  watch(table: string, listener: (record: ReplicatedRecord, origin: RecordOrigin) => void): void {
    this.#ownTable(table);
    const listeners = this.#watchers.get(table) ?? [];
    listeners.push(listener);
    this.#watchers.set(table, listeners);
  }

  /** Tells those who watch what the disk held, once; not what was overwritten since. */
  tellKept(): void {
    const kept = this.#kept;
    this.#kept = [];
    for (const hashed of kept) {
      const { table, id } = hashed.record;
      if (this.tables.get(table)?.get(id) === hashed) this.#tell(hashed.record, 'kept');
    }
  }

  /** Writes with the next stamp of this node's clock. */
  write(tableName: string, id: string, payload: unknown, isDeleted: boolean, writer: string): HashedRecord {
    const table = this.#ownTable(tableName);
    if (table.isFenced && !isDeleted) throw refusal('A record of a fenced table is written with a stamp of its own.');
    const stamp = table.isFenced ? stampAfter(table.get(id)?.record.stamp) : this.#nextStamp();
    const hashed = stamp && this.#put(table, { table: tableName, id, stamp, writer, payload, isDeleted });
    if (hashed === undefined) throw refusal('A record is newer than any that this node can write.');
    return hashed;
  }

  /** Writes with the stamp given; where a newer one is here with the next after that, or not at all (undefined). */
  writeStamped(record: ReplicatedRecord, isInsisting: boolean): HashedRecord | undefined {
    const table = this.#ownTable(record.table);
    if (!table.isFenced) throw refusal('Only records of fenced tables are written with a given stamp.');
    const written = this.#put(table, record);
    if (written !== undefined || !isInsisting) return written;
    const stamp = stampAfter(table.get(record.id)?.record.stamp);
    return stamp && this.#put(table, { ...record, stamp });
  }

  /** For a store that may have lost what it had. */
  saveAll(): void {
    for (const table of this.tables.all()) for (const { record } of table.all()) this.#writes.save(record);
  }

  /** Takes in what a member sent. */
  take(hashed: HashedRecord): Taking {
    const { record } = hashed;
    const table = this.tables.foreign(record.table);
    if (table === undefined) return this.#refuse('there are too many tables', record);
    const present = table.get(record.id);
    if (present !== undefined && compareRanks(rankOf(hashed), rankOf(present)) <= 0) return 'known';
    if (!table.isFenced && this.#isAhead(record)) return this.#refuseAhead(record);
    if (table.isFenced && record.stamp.major > this.#termMax(present)) {
      return this.#refuse('no election led to its term', record);
    }
    if (present === undefined && table.size >= recordsPerTableMax) return this.#refuse('its table is full', record);
    if (!table.isFenced) this.#hybrid.witness(record.stamp);
    if (!table.put(hashed)) return 'known';
    this.#tookEffect(record, 'remote');
    return 'taken';
  }

  /** What follows at once on what is here leaps over nothing: a leader can always write after it. */
  #termMax(present: HashedRecord | undefined): number {
    return Math.max(this.#knownTerm() + termLeapMax, (present?.record.stamp.major ?? 0) + 1);
  }

  /** Deleted a week ago by wall time. Stamps of fenced tables tell no time: their tombstones stay. */
  #isExpired({ table, stamp, isDeleted }: ReplicatedRecord): boolean {
    return isDeleted && !this.tables.isFenced(table) && stamp.major + tombstoneKeepMs < this.#environment.clock.nowMs();
  }

  #nextStamp(): Stamp {
    const stamp = this.#hybrid.next();
    const { aheadMs } = this.#hybrid;
    // The wall clock went back: it must catch up before the others take what is written here.
    if (aheadMs > this.#environment.timing.clockSkewMaxMs && this.#mayComplain()) {
      this.#environment.log.warn('The clock is behind what this node wrote before; members refuse its records.', {
        aheadMs,
      });
    }
    return stamp;
  }

  #put(table: RecordTable, record: ReplicatedRecord): HashedRecord | undefined {
    const hashed = hashRecord(record);
    if (hashed === undefined || record.id === '' || record.id.length > idLengthMax || !record.id.isWellFormed()) {
      throw refusal('The id or payload of a record is too long, or cannot be sent.');
    }
    if (table.size >= recordsPerTableMax && table.get(record.id) === undefined) {
      throw recordFaults.record_table_full(`The table ${table.name} holds as many records as it may.`);
    }
    if (!table.put(hashed)) return undefined;
    this.#tookEffect(hashed.record, 'own');
    return hashed;
  }

  #tookEffect(record: ReplicatedRecord, origin: RecordOrigin): void {
    this.#writes.save(record);
    this.#tell(record, origin);
  }

  #tell(record: ReplicatedRecord, origin: RecordOrigin): void {
    for (const listener of this.#watchers.get(record.table) ?? []) listener(record, origin);
  }

  #ownTable(name: string): RecordTable {
    if (name === '' || name.length > tableNameLengthMax) throw refusal('The name of a table is too long.');
    const table = this.tables.own(name);
    if (table === undefined) throw recordFaults.record_table_full('There are as many tables as there may be.');
    return table;
  }

  #refuse(why: string, { table, writer }: ReplicatedRecord): 'refused' {
    if (this.#mayComplain()) this.#environment.log.warn(`A record was refused: ${why}.`, { table, writer });
    return 'refused';
  }

  #isAhead({ stamp }: ReplicatedRecord): boolean {
    const { clock, timing } = this.#environment;
    return stamp.major > clock.nowMs() + timing.clockSkewMaxMs;
  }

  /** Of each member once, so that a person learns of every clock that is off; of names that are nobody's now and then. */
  #refuseAhead(record: ReplicatedRecord): 'ahead' {
    const { writer, table, stamp } = record;
    const isNews = this.#isMember(writer) ? this.#aheadWriters.peek(writer) === undefined : this.#mayComplain();
    if (isNews) {
      const aheadMs = Math.round(stamp.major - this.#environment.clock.nowMs());
      this.#environment.log.warn(
        'The clocks are off: a member’s is so far ahead of this node’s that its records are refused.',
        { member: writer, aheadMs, table },
      );
    }
    if (this.#isMember(writer)) this.#aheadWriters.set(writer, true);
    return 'ahead';
  }

  #mayComplain(): boolean {
    const nowMs = this.#environment.clock.monotonicMs();
    if (nowMs - this.#complainedMs < complaintPeriodMs) return false;
    this.#complainedMs = nowMs;
    return true;
  }
}

/** Undefined for what no node of ours wrote. */
export function readRecord(record: ReplicatedRecord): HashedRecord | undefined {
  try {
    return decodeRecord(encodeRecord(record));
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

/** Undefined after the last that others would read. */
function stampAfter(stamp: Stamp | undefined): Stamp | undefined {
  if (stamp === undefined) return { major: 0, minor: 0 };
  const { major, minor } = stamp;
  if (minor < countMax) return { major, minor: minor + 1 };
  return major < wallMsMax ? { major: major + 1, minor: 0 } : undefined;
}

function refusal(message: string): Error {
  return recordFaults.record_refused(message);
}

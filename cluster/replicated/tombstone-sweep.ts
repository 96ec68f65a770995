import type { Environment } from '../environment.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Stamp } from './contract.ts';
import { absencesMax, sweepPeriodMs, tombstoneKeepMs, tombstonesPerTableMax } from './limits.ts';
import type { RecordTable } from './record-table.ts';
import type { RecordTables } from './record-tables.ts';
import { compareStamps } from './stamp.ts';
import type { WriteBehind } from './write-behind.ts';
import { LruMap } from '../../kit/lru-map.ts';

/**
 * Forgets deleted records: those that expired by wall time, unless a member has been away for less than that by the
 * monotonic clock (the wall clock may have jumped), and the oldest where there are too many.
 */
export class TombstoneSweep {
  readonly #environment: Environment;
  readonly #tables: RecordTables;
  readonly #writes: WriteBehind;
  readonly #awaySinceMs = new LruMap<NodeId, number>(absencesMax);
  #sweptMs: number;

  constructor(environment: Environment, tables: RecordTables, writes: WriteBehind) {
    this.#environment = environment;
    this.#tables = tables;
    this.#writes = writes;
    this.#sweptMs = environment.clock.monotonicMs();
  }

  left(node: NodeId): void {
    if (this.#awaySinceMs.peek(node) === undefined) this.#awaySinceMs.set(node, this.#environment.clock.monotonicMs());
  }

  back(node: NodeId): void {
    this.#awaySinceMs.delete(node);
  }

  /** Now and then, and at once for a table that holds too many. */
  run(table?: RecordTable): void {
    if (table !== undefined && table.tombstoneCount > tombstonesPerTableMax) this.#thin(table);
    const nowMs = this.#environment.clock.monotonicMs();
    if (nowMs - this.#sweptMs < sweepPeriodMs) return;
    this.#sweptMs = nowMs;
    for (const each of this.#tables.all()) this.#sweep(each);
  }

  /** A member dropped its oldest tombstones for want of room. Those who hold nearly as many follow, to stay alike. */
  follow(table: RecordTable, floor: Stamp): void {
    if (table.tombstoneCount * 2 > tombstonesPerTableMax) this.#dropBefore(table, floor);
  }

  #sweep(table: RecordTable): void {
    const isKept = this.#isAnyoneAway();
    for (const hashed of table.all().toArray()) {
      if (!hashed.record.isDeleted || !table.isOutdated(hashed)) continue;
      table.expire(hashed);
      if (isKept) continue;
      table.forget(hashed);
      this.#writes.forget(hashed.record);
    }
  }

  #isAnyoneAway(): boolean {
    const nowMs = this.#environment.clock.monotonicMs();
    return [...this.#awaySinceMs.values()].some((sinceMs) => nowMs - sinceMs < tombstoneKeepMs);
  }

  /** Down to nine tenths, so that this is seldom done. */
  #thin(table: RecordTable): void {
    const stamps = [...table.all()].filter(({ record }) => record.isDeleted).map(({ record }) => record.stamp);
    const last = stamps.sort(compareStamps)[Math.ceil(stamps.length - tombstonesPerTableMax * 0.9) - 1];
    if (last === undefined) return;
    this.#environment.log.warn('Too many deleted records: the oldest are forgotten before their time.', {
      table: table.name,
    });
    this.#dropBefore(table, { major: last.major, minor: last.minor + 1 });
  }

  #dropBefore(table: RecordTable, floor: Stamp): void {
    if (compareStamps(floor, table.tombstoneFloor) <= 0) return;
    table.tombstoneFloor = floor;
    for (const hashed of table.all().toArray()) {
      if (!hashed.record.isDeleted || compareStamps(hashed.record.stamp, floor) >= 0) continue;
      table.forget(hashed);
      this.#writes.forget(hashed.record);
    }
  }
}

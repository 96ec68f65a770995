import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HybridClock } from '../../../cluster/replicated/hybrid-clock.ts';
import { RecordTable } from '../../../cluster/replicated/record-table.ts';
import { decodeRecord, encodeRecord } from '../../../cluster/replicated/record-wire.ts';
import { compareRanks, compareStamps, rankOf, type HashedRecord } from '../../../cluster/replicated/stamp.ts';
import { ManualClock } from '../../manual-clock.ts';

const record: fc.Arbitrary<HashedRecord> = fc
  .record({
    table: fc.constant('accounts'),
    id: fc.constantFrom('a', 'b', 'c'),
    stamp: fc.record({ major: fc.nat(3), minor: fc.nat(2) }),
    writer: fc.constantFrom('n1', 'n2'),
    isDeleted: fc.boolean(),
    payload: fc.nat(2),
  })
  .map((each) => decodeRecord(encodeRecord(each)));

const records = fc.array(record, { maxLength: 30 });

function tableOf(all: readonly HashedRecord[]): RecordTable {
  const table = new RecordTable('accounts', false, () => false);
  for (const each of all) table.put(each);
  return table;
}

function contentOf(table: RecordTable): unknown {
  const sorted = [...table.all()].sort((left, right) => (left.record.id < right.record.id ? -1 : 1));
  return {
    records: sorted.map((each) => each.record),
    hash: table.hash(),
    size: table.size,
    deleted: table.tombstoneCount,
  };
}

describe('the merging of records', () => {
  it('does not depend on order or repetition', () => {
    fc.assert(
      fc.property(records, fc.infiniteStream(fc.nat()), (all, chance) => {
        const keys = new Map(all.map((each) => [each, chance.next().value as number]));
        const shuffled = all.toSorted((left, right) => (keys.get(left) ?? 0) - (keys.get(right) ?? 0));
        expect(contentOf(tableOf([...shuffled, ...all]))).toEqual(contentOf(tableOf(all)));
      }),
      { numRuns: 500 },
    );
  });

  it('agrees on one of two that a writer stamped alike', () => {
    const wire = (payload: unknown) => decodeRecord(['accounts', 'a', 1, 0, 'n1', false, payload]);
    const orders = [
      [wire('one'), wire('other')],
      [wire('other'), wire('one')],
    ];
    const [left, right] = orders.map((order) => contentOf(tableOf(order)));
    expect(left).toEqual(right);
  });

  it('keeps the greatest of each record, so that an older write never revives a newer deletion', () => {
    fc.assert(
      fc.property(records, (all) => {
        const table = tableOf(all);
        for (const each of all) {
          const kept = table.get(each.record.id) as HashedRecord;
          expect(compareRanks(rankOf(kept), rankOf(each))).toBeGreaterThanOrEqual(0);
          if (kept.record.isDeleted && compareStamps(each.record.stamp, kept.record.stamp) < 0) {
            expect(table.put(each)).toBe(false);
          }
        }
      }),
    );
  });

  it('hashes alike exactly what is alike, whatever was there in between', () => {
    fc.assert(
      fc.property(records, records, (left, right) => {
        const [one, other] = [tableOf(left), tableOf(right)];
        const isSame = JSON.stringify(contentOf(one)) === JSON.stringify(contentOf(other));
        expect(JSON.stringify(one.hash()) === JSON.stringify(other.hash())).toBe(isSame);
        for (const each of one.all().toArray()) one.forget(each);
        expect(one.isBlank).toBe(true);
        expect([one.size, one.tombstoneCount]).toEqual([0, 0]);
      }),
    );
  });
});

describe('the hybrid clock', () => {
  const step = fc.oneof(
    fc.record({ wallMs: fc.integer({ min: -100_000, max: 100_000 }) }),
    fc.record({ seen: fc.record({ major: fc.integer({ min: 0, max: 2_000_000_000_000 }), minor: fc.nat(2 ** 32) }) }),
  );

  it('never goes back and is after all that it saw, however the wall clock jumps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const wall = new ManualClock();
        const clock = new HybridClock(wall);
        let last = clock.next();
        for (const each of steps) {
          if ('wallMs' in each) wall.jumpWall(each.wallMs);
          else clock.witness(each.seen);
          const next = clock.next();
          expect(compareStamps(next, last)).toBeGreaterThan(0);
          if ('seen' in each) expect(compareStamps(next, each.seen)).toBeGreaterThan(0);
          last = next;
        }
      }),
    );
  });

  it('follows the wall clock where it can', () => {
    const wall = new ManualClock();
    const clock = new HybridClock(wall);
    clock.next();
    wall.advance(5);
    expect(clock.next()).toEqual({ major: wall.nowMs(), minor: 0 });
    expect(clock.next()).toEqual({ major: wall.nowMs(), minor: 1 });
    wall.jumpWall(-60_000);
    clock.next();
    expect(clock.aheadMs).toBe(60_000);
  });
});

import { describe, expect, it } from 'vitest';
import type { ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import { meshOf } from '../state-mesh/state-mesh.ts';

describe('records that came another way', () => {
  function recordAt(major: number, over: Partial<ReplicatedRecord> = {}): ReplicatedRecord {
    return {
      table: 'keys',
      id: 'k1',
      stamp: { major, minor: 0 },
      writer: 'elsewhere',
      isDeleted: false,
      payload: 'theirs',
      ...over,
    };
  }

  it('are taken where they are newer, told as those of others, and passed on to the members', () => {
    const mesh = meshOf(3);
    const [here, there] = [mesh.node('n1'), mesh.node('n3')];
    const heard: unknown[] = [];
    here.records.watch('keys', ({ payload }, origin) => heard.push([payload, origin]));
    const own = here.records.put('keys', 'k1', 'own');
    expect(here.records.take([recordAt(own.stamp.major - 1)])).toEqual([]);
    expect(here.records.get('keys', 'k1')?.payload).toBe('own');
    expect(here.records.take([recordAt(own.stamp.major + 1)])).toEqual([]);
    expect(heard).toEqual([
      ['own', 'own'],
      ['theirs', 'remote'],
    ]);
    mesh.advance(50);
    expect(there.records.get('keys', 'k1')?.payload).toBe('theirs');
  });

  it('are deletions too, which no older write revives', () => {
    const { records } = meshOf(1).node('n1');
    const own = records.put('keys', 'k1', 'own');
    records.take([recordAt(own.stamp.major + 2, { isDeleted: true, payload: undefined })]);
    expect(records.get('keys', 'k1')).toBeUndefined();
    records.take([recordAt(own.stamp.major + 1)]);
    expect(records.get('keys', 'k1')).toBeUndefined();
  });

  it('are given back while they are too far ahead of the clock, and taken later', () => {
    const mesh = meshOf(1);
    const { records } = mesh.node('n1');
    const ahead = recordAt(records.put('keys', 'other', 1).stamp.major + 15_000);
    expect(records.take([ahead])).toEqual([ahead]);
    expect(records.get('keys', 'k1')).toBeUndefined();
    mesh.advance(6_000);
    expect(records.take([ahead])).toEqual([]);
    expect(records.get('keys', 'k1')?.payload).toBe('theirs');
  });

  it('are passed over where nobody of ours wrote them', () => {
    const { records } = meshOf(1).node('n1');
    const hostile = [
      recordAt(Number.NaN),
      recordAt(-1),
      recordAt(1e300),
      recordAt(1, { id: '' }),
      recordAt(1, { id: 'x'.repeat(201) }),
      recordAt(1, { table: 'x'.repeat(41) }),
      recordAt(1, { writer: '' }),
      recordAt(1, { payload: 'x'.repeat(70_000) }),
      recordAt(1, { payload: JSON.parse('{"__proto__":{"a":1}}') }),
      recordAt(1, { payload: () => 1 }),
    ];
    expect(records.take(hostile)).toEqual([]);
    expect([...records.list('keys')]).toEqual([]);
  });
});

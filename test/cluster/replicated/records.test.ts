import { describe, expect, it } from 'vitest';
import type { RecordOrigin, ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import type { ReplicatedRecords } from '../../../cluster/replicated/replicated-records.ts';
import { MemoryStore, meshOf, StateMesh } from '../state-mesh/state-mesh.ts';

function heardBy(records: ReplicatedRecords, table: string): string[] {
  const heard: string[] = [];
  records.watch(table, (record: ReplicatedRecord, origin: RecordOrigin) =>
    heard.push(`${origin} ${record.id} ${record.isDeleted ? 'deleted' : JSON.stringify(record.payload)}`),
  );
  return heard;
}

const refused = expect.objectContaining({ code: 'record_refused' });
const full = expect.objectContaining({ code: 'record_table_full' });

describe('a record', () => {
  it('is at every member a moment after it was written, bytes included', () => {
    const mesh = meshOf(3);
    mesh.node('n1').records.put('accounts', 'a', { name: 'one', sealed: new Uint8Array([1, 2]) });
    mesh.advance(2);
    for (const { records } of mesh.nodes.values()) {
      expect(records.get('accounts', 'a')?.payload).toEqual({ name: 'one', sealed: new Uint8Array([1, 2]) });
      expect([...records.list('accounts')]).toHaveLength(1);
      expect(records.size).toBe(1);
    }
  });

  it('reaches a member that its writer cannot reach', () => {
    const mesh = meshOf(4);
    mesh.network.disconnect('n1', 'n4');
    mesh.node('n1').records.put('accounts', 'a', 1);
    mesh.advance(4);
    expect(mesh.node('n4').records.get('accounts', 'a')?.payload).toBe(1);
  });

  it('is told to those who watch, with where it came from', () => {
    const mesh = meshOf(2);
    const own = heardBy(mesh.node('n1').records, 'accounts');
    const others = heardBy(mesh.node('n2').records, 'accounts');
    mesh.node('n1').records.put('accounts', 'a', 1);
    mesh.node('n1').records.put('groups', 'a', 1);
    mesh.advance(20);
    mesh.node('n1').records.remove('accounts', 'a');
    mesh.advance(3000);
    expect(own).toEqual(['own a 1', 'own a deleted']);
    expect(others).toEqual(['remote a 1', 'remote a deleted']);
    expect(mesh.node('n2').records.get('accounts', 'a')).toBeUndefined();
    expect([...mesh.node('n2').records.list('accounts')]).toEqual([]);
  });

  it('is what was written last, whatever the wall clocks say', () => {
    const mesh = meshOf(2);
    const [first, second] = [mesh.node('n1'), mesh.node('n2')];
    second.clock.wallOffsetMs = -9000;
    first.records.put('settings', 'a', 'from n1');
    mesh.advance(20);
    second.records.put('settings', 'a', 'from n2');
    mesh.advance(20);
    expect(first.records.get('settings', 'a')?.payload).toBe('from n2');
    first.clock.wallOffsetMs = -60_000;
    first.records.put('settings', 'a', 'again');
    mesh.advance(20);
    expect(second.records.get('settings', 'a')?.payload).toBe('again');
  });

  it('goes in few messages when there are many at once', () => {
    const mesh = meshOf(2);
    mesh.network.sent.clear();
    for (let index = 0; index < 2000; index++) mesh.node('n1').records.put('accounts', `a${index}`, { index });
    mesh.advance(20);
    expect([...mesh.node('n2').records.list('accounts')]).toHaveLength(2000);
    expect(mesh.network.sent.get('records/push')).toBeLessThan(10);
  });

  it('in a fenced table follows the leader’s count, not a clock', () => {
    const mesh = meshOf(2);
    const { records } = mesh.node('n1');
    expect(records.putStamped('tokens', 'a', 'second', { major: 2, minor: 1 })?.payload).toBe('second');
    expect(records.putStamped('tokens', 'a', 'first', { major: 1, minor: 9 })).toBeUndefined();
    mesh.advance(20);
    expect(mesh.node('n2').records.get('tokens', 'a')?.payload).toBe('second');
    records.remove('tokens', 'a');
    expect(records.remove('tokens', 'never seen').isDeleted).toBe(true);
    mesh.advance(20);
    expect(mesh.node('n2').records.get('tokens', 'a')).toBeUndefined();
    mesh.node('n2').records.putStamped('tokens', 'a', 'third', { major: 3, minor: 0 });
    mesh.advance(20);
    expect(records.get('tokens', 'a')?.payload).toBe('third');
  });

  it('that cannot be kept is refused', () => {
    const { records } = meshOf(1).node('n1');
    expect(() => records.put('accounts', 'x'.repeat(201), 1)).toThrow(refused);
    expect(() => records.put('accounts', '', 1)).toThrow(refused);
    expect(() => records.put('x'.repeat(41), 'a', 1)).toThrow(refused);
    expect(() => records.put('accounts', 'a', 'x'.repeat(70_000))).toThrow(refused);
    expect(() => records.put('accounts', 'a', { when: new Date(0) })).toThrow(refused);
    expect(() => records.put('tokens', 'a', 1)).toThrow(refused);
    expect(() => records.putStamped('accounts', 'a', 1, { major: 1, minor: 1 })).toThrow(refused);
  });

  it('finds an end to tables and to what is in them', () => {
    const { records } = meshOf(1).node('n1');
    for (let index = 0; index < 32; index++) records.put(`table${index}`, 'a', 1);
    expect(() => records.put('one more', 'a', 1)).toThrow(full);
    for (let index = 1; index < 50_000; index++) records.put('table0', `a${index}`, 1);
    expect(() => records.put('table0', 'one more', 1)).toThrow(full);
    expect(records.put('table0', 'a1', 2).payload).toBe(2);
  });
});

describe('what was kept', () => {
  it('is told at the start, deletions too, and older writes of others do not win against it', () => {
    const store = new MemoryStore();
    const first = new StateMesh().start('n1', { store, isJoined: () => true });
    first.records.put('accounts', 'a', 1);
    first.records.remove('accounts', 'b');
    first.records.stop();
    const mesh = new StateMesh();
    mesh.start('n2').records.put('accounts', 'other', 2);
    let heard: string[] = [];
    const second = mesh.start('n1', {
      store,
      beforeStart: ({ records }) => {
        heard = heardBy(records, 'accounts');
        records.put('accounts', 'new', 3);
      },
    });
    expect(heard.sort()).toEqual(['kept a 1', 'kept b deleted', 'own new 3']);
    mesh.joinAll();
    mesh.advance(100);
    expect(mesh.node('n2').records.get('accounts', 'a')?.payload).toBe(1);
    expect(second.records.get('accounts', 'other')?.payload).toBe(2);
  });

  it('may lack the last writes, which then lose to later ones although clocks of others are ahead', () => {
    const mesh = new StateMesh();
    const store = new MemoryStore();
    mesh.start('n1');
    mesh.node('n1').clock.wallOffsetMs = 8000;
    mesh.start('n2', { store });
    mesh.joinAll();
    mesh.node('n1').records.put('accounts', 'from ahead', 1);
    mesh.advance(100);
    for (const lost of ['first', 'second']) {
      store.failure = new Error('the power fails');
      mesh.node('n2').records.put('accounts', 'a', lost);
      mesh.advance(100);
      mesh.kill('n2');
      store.failure = undefined;
      mesh.start('n2', { store });
    }
    mesh.node('n2').records.put('accounts', 'a', 'last');
    mesh.joinAll();
    mesh.advance(200);
    for (const { records } of mesh.nodes.values()) expect(records.get('accounts', 'a')?.payload).toBe('last');
  });

  it('is never older than what is written next, even if the wall clock went back in between', () => {
    const store = new MemoryStore();
    const before = new StateMesh();
    before.advance(3_600_000);
    before.start('n1', { store }).records.put('accounts', 'a', 'before');
    before.kill('n1');
    const after = new StateMesh().start('n1', { store });
    const record = after.records.put('accounts', 'a', 'after');
    expect(record.payload).toBe('after');
    expect(after.records.get('accounts', 'a')?.payload).toBe('after');
  });

  it('is left out where it is no record', () => {
    const store = new MemoryStore();
    const good: ReplicatedRecord = {
      table: 'accounts',
      id: 'good',
      stamp: { major: 5, minor: 0 },
      writer: 'n1',
      payload: 1,
      isDeleted: false,
    };
    store.kept.set('good', good);
    store.kept.set('bad', { ...good, id: 'bad', stamp: { major: Number.NaN, minor: 0 } });
    store.kept.set('worse', { ...good, id: 'worse', payload: () => 1 });
    const { records } = new StateMesh().start('n1', { store });
    expect([...records.list('accounts')].map(({ id }) => id)).toEqual(['good']);
  });
});

describe('the store', () => {
  it('is given many writes at once, the latest of each record', () => {
    const mesh = meshOf(1);
    const { records, store } = mesh.node('n1');
    for (let index = 0; index < 100; index++) records.put('accounts', 'a', index);
    expect(records.unsavedCount).toBe(1);
    mesh.advance(10);
    expect(records.unsavedCount).toBe(0);
    expect(store.batches).toBe(1);
    expect(store.kept.get('accounts/a')?.payload).toBe(99);
  });

  it('that fails is tried again until it works, and then gets everything', () => {
    const mesh = meshOf(1);
    const { records, store } = mesh.node('n1');
    records.put('accounts', 'early', 1);
    mesh.advance(10);
    store.failure = new Error('disk full');
    records.put('accounts', 'a', 1);
    records.put('accounts', 'b', 1);
    mesh.advance(1000);
    records.put('accounts', 'a', 2);
    expect(records.unsavedCount).toBe(2);
    store.kept.clear();
    store.failure = undefined;
    mesh.advance(31_000);
    expect(records.unsavedCount).toBe(0);
    expect([...store.kept.keys()].sort()).toEqual(['accounts/a', 'accounts/b', 'accounts/early']);
    expect(store.kept.get('accounts/a')?.payload).toBe(2);
  });

  it('gets what is left when the node stops', () => {
    const { records, store } = meshOf(1).node('n1');
    for (let index = 0; index < 2500; index++) records.put('accounts', `a${index}`, 1);
    records.stop();
    expect(store.kept.size).toBe(2500);
  });
});

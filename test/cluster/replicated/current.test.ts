import { describe, expect, it } from 'vitest';
import { recordedLog } from '../mesh/recorded-log.ts';
import { meshOf, StateMesh } from '../state-mesh/state-mesh.ts';

describe('a node that may lack records', () => {
  it('is not current before it joined, and is once it compared, within a few round trips', () => {
    const mesh = new StateMesh();
    const first = mesh.start('n1', { isJoined: () => true });
    for (let index = 0; index < 3000; index++) first.records.put('accounts', `a${index}`, index);
    const joiner = mesh.start('n2');
    mesh.advance(5000);
    expect(first.records.isCurrent()).toBe(true);
    expect(joiner.records.isCurrent()).toBe(false);
    let currentAtMs = Number.NaN;
    let countThen = 0;
    joiner.records.whenCurrent(() => {
      currentAtMs = mesh.clock.monotonicMs();
      countThen = [...joiner.records.list('accounts')].length;
    });
    const joinedAtMs = mesh.clock.monotonicMs();
    mesh.join('n1', 'n2');
    mesh.advance(500);
    expect(countThen).toBe(3000);
    expect(currentAtMs - joinedAtMs).toBeLessThan(60);
    expect(joiner.records.digest()).toBe(first.records.digest());
  });

  it('is current alone once it is clear that it is', () => {
    const mesh = new StateMesh();
    let isJoined = false;
    const { records } = mesh.start('n1', { isJoined: () => isJoined });
    let calls = 0;
    records.whenCurrent(() => calls++);
    mesh.advance(1000);
    expect([records.isCurrent(), calls]).toEqual([false, 0]);
    isJoined = true;
    mesh.advance(200);
    expect([records.isCurrent(), calls]).toEqual([true, 1]);
    records.whenCurrent(() => calls++);
    expect(calls).toBe(2);
  });

  it('does not wait for another that waits for it', () => {
    for (const count of [2, 3, 5]) {
      const mesh = meshOf(count);
      for (const { records } of mesh.nodes.values()) expect(records.isCurrent()).toBe(true);
    }
  });

  it('waits for a live member that it did not compare with when nobody is current', () => {
    const mesh = new StateMesh();
    for (const id of ['n1', 'n2', 'n3']) mesh.start(id);
    mesh.join('n1', 'n2');
    mesh.believe('n1', 'n3', 'alive');
    mesh.believe('n2', 'n3', 'alive');
    mesh.advance(2000);
    expect(mesh.node('n1').records.isCurrent()).toBe(false);
    mesh.join('n2', 'n3');
    mesh.advance(300);
    // n2 has seen all there is, and n1 everything that n2 has.
    expect(mesh.node('n2').records.isCurrent()).toBe(true);
    expect(mesh.node('n1').records.isCurrent()).toBe(true);
  });

  it('does not take whom it meets first for all there are before it is told who is there', () => {
    const mesh = new StateMesh();
    let isJoined = false;
    mesh.start('n1');
    const { records } = mesh.start('n2', { isJoined: () => isJoined });
    mesh.start('n3').records.put('clears', 'all', 1);
    mesh.believe('n1', 'n3', 'alive');
    mesh.join('n1', 'n2');
    mesh.advance(1000);
    expect(records.isCurrent()).toBe(false);
    mesh.believe('n2', 'n3', 'alive');
    isJoined = true;
    mesh.advance(1000);
    expect(records.isCurrent()).toBe(false);
    mesh.join('n2', 'n3');
    mesh.advance(100);
    expect(records.isCurrent()).toBe(true);
    expect(records.get('clears', 'all')?.payload).toBe(1);
  });

  it('is not made current by the end of one that never told it who is there', () => {
    const mesh = new StateMesh();
    mesh.start('n1');
    const { records } = mesh.start('n2', { isJoined: () => false });
    mesh.believe('n1', 'n3', 'alive');
    mesh.join('n1', 'n2');
    mesh.kill('n1');
    mesh.believe('n2', 'n1', 'dead');
    mesh.advance(1000);
    expect(records.isCurrent()).toBe(false);
  });

  it('that started together with another compares with who was there before them, before it serves on', () => {
    const mesh = new StateMesh();
    mesh.start('n3').records.put('clears', 'all', 1);
    const started = ['n1', 'n2'].map((id) => mesh.start(id));
    mesh.join('n1', 'n2');
    mesh.advance(300);
    expect(started.map(({ records }) => records.isCurrent())).toEqual([true, true]);
    for (const { id, records } of started) {
      mesh.join(id, 'n3');
      expect(records.isCurrent()).toBe(false);
      expect(records.get('clears', 'all')).toBeUndefined();
      mesh.advance(50);
      expect(records.isCurrent()).toBe(true);
      expect(records.get('clears', 'all')?.payload).toBe(1);
    }
  });

  it('goes on without members that died', () => {
    const mesh = new StateMesh();
    mesh.start('n1');
    mesh.start('n2');
    mesh.believe('n1', 'n2', 'alive');
    mesh.advance(1000);
    expect(mesh.node('n1').records.isCurrent()).toBe(false);
    mesh.believe('n1', 'n2', 'dead');
    mesh.advance(200);
    expect(mesh.node('n1').records.isCurrent()).toBe(true);
  });

  it('is not current from the moment a lost member is back until it compared with that one', () => {
    const mesh = meshOf(3);
    const { records } = mesh.node('n1');
    let calls = 0;
    records.whenCurrent(() => calls++);
    mesh.network.disconnect('n1', 'n2');
    mesh.network.disconnect('n1', 'n3');
    expect(records.isCurrent()).toBe(true);
    mesh.advance(500);
    mesh.node('n2').records.put('clears', 'all', 1);
    mesh.advance(10);
    mesh.network.connect('n1', 'n2');
    expect(records.isCurrent()).toBe(false);
    expect(records.get('clears', 'all')).toBeUndefined();
    mesh.advance(50);
    expect(records.isCurrent()).toBe(true);
    expect(records.get('clears', 'all')?.payload).toBe(1);
    expect(calls).toBe(2);
  });

  it('is not current for the very first who asks after it stood still', () => {
    const mesh = meshOf(3);
    const { records, clock } = mesh.node('n1');
    mesh.advance(1000);
    clock.freeze();
    mesh.advance(300);
    mesh.node('n2').records.put('clears', 'all', 1);
    mesh.advance(2000);
    const seen: boolean[] = [];
    clock.thaw(() => seen.push(records.isCurrent()));
    expect(seen).toEqual([false]);
    mesh.advance(50);
    expect(records.isCurrent()).toBe(true);
    expect(records.get('clears', 'all')?.payload).toBe(1);
  });

  it('does not count an answer that was given before it stood still', () => {
    const mesh = meshOf(2);
    const [asker, other] = [mesh.node('n1'), mesh.node('n2')];
    other.records.stop();
    Object.assign(mesh.network.misfortune, { delayMinMs: 50, delayMaxMs: 50 });
    mesh.network.sent.clear();
    while (!mesh.network.sent.has('records/compare answer')) mesh.advance(1);
    other.records.put('clears', 'all', 1);
    asker.clock.freeze();
    mesh.advance(2000);
    asker.clock.thaw(() => expect(asker.records.isCurrent()).toBe(false));
    expect(asker.records.isCurrent()).toBe(false);
    mesh.advance(500);
    expect(asker.records.isCurrent()).toBe(true);
    expect(asker.records.get('clears', 'all')?.payload).toBe(1);
  });

  it('stays current through pauses that are none, and with everybody at rest', () => {
    const mesh = meshOf(3);
    for (let second = 0; second < 100; second++) {
      mesh.advance(1000);
      for (const { records } of mesh.nodes.values()) expect(records.isCurrent()).toBe(true);
    }
  });

  it('becomes current again when all stood still', () => {
    const mesh = meshOf(3);
    for (const { clock } of mesh.nodes.values()) clock.freeze();
    mesh.advance(60_000);
    for (const { clock, records } of mesh.nodes.values()) {
      clock.thaw(() => expect(records.isCurrent()).toBe(false));
    }
    mesh.advance(500);
    for (const { records } of mesh.nodes.values()) expect(records.isCurrent()).toBe(true);
  });

  it('is not held up by a member that does not answer and then dies', () => {
    const mesh = meshOf(3);
    mesh.network.disconnect('n1', 'n2');
    mesh.node('n2').clock.freeze();
    mesh.network.connect('n1', 'n2');
    mesh.advance(1000);
    expect(mesh.node('n1').records.isCurrent()).toBe(false);
    mesh.believe('n1', 'n2', 'dead');
    mesh.advance(100);
    expect(mesh.node('n1').records.isCurrent()).toBe(true);
  });
});

describe('a node whose clock is behind', () => {
  /** `n2` is back after it was cut off; what the other wrote meanwhile is from 13 s ahead of it. */
  const backWithSlowClock = () => {
    const mesh = new StateMesh();
    const log = recordedLog();
    mesh.start('n1');
    mesh.start('n2', { environment: { log } });
    mesh.joinAll();
    mesh.advance(200);
    mesh.node('n2').clock.wallOffsetMs = -13_000;
    mesh.network.disconnect('n1', 'n2');
    mesh.node('n1').records.put('clears', 'all', 1);
    mesh.node('n1').records.put('accounts', 'a', 1);
    mesh.advance(50);
    mesh.network.connect('n1', 'n2');
    return { mesh, log };
  };

  it('is not current while it refuses records, and is once its clock has come up to them', () => {
    const { mesh } = backWithSlowClock();
    const { records } = mesh.node('n2');
    mesh.advance(1000);
    expect(records.get('clears', 'all')).toBeUndefined();
    expect(records.isCurrent()).toBe(false);
    mesh.advance(4000);
    expect(records.get('clears', 'all')?.payload).toBe(1);
    expect(records.isCurrent()).toBe(true);
  });

  it('tries again every second, not at every beat', () => {
    const { mesh } = backWithSlowClock();
    mesh.advance(100);
    mesh.network.sent.clear();
    mesh.advance(1900);
    expect(mesh.network.sent.get('records/bucket')).toBeLessThan(20);
  });

  it('goes on without a member whose records it refused when that one dies', () => {
    const { mesh } = backWithSlowClock();
    mesh.advance(1000);
    mesh.network.disconnect('n1', 'n2');
    mesh.believe('n2', 'n1', 'dead');
    mesh.advance(200);
    expect(mesh.node('n2').records.isCurrent()).toBe(true);
  });

  it('says once of each member that the clocks are off, and by how much', () => {
    const { mesh, log } = backWithSlowClock();
    mesh.advance(2000);
    const lines = log.lines.filter(({ message }) => message.startsWith('The clocks are off'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'warn', fields: { member: 'n1' } });
    expect(lines[0]?.fields?.['aheadMs']).toBeGreaterThan(12_000);
    expect(lines[0]?.fields?.['aheadMs']).toBeLessThan(13_001);
  });
});

describe('a node that nobody needs to hear from', () => {
  it('runs no timer', () => {
    const mesh = new StateMesh();
    const { gossip, records } = mesh.start('n1', { isJoined: () => true });
    gossip.stop();
    records.put('accounts', 'a', 1);
    mesh.advance(1000);
    expect(mesh.clock.pendingCount).toBe(0);
  });

  it('runs none after it stopped', () => {
    const mesh = meshOf(3);
    mesh.node('n1').records.confirm(mesh.node('n1').records.put('clears', 'a', 1), 100_000, () => undefined);
    for (const { gossip, records } of mesh.nodes.values()) {
      gossip.stop();
      records.stop();
    }
    mesh.advance(5000);
    expect(mesh.clock.pendingCount).toBe(0);
  });
});

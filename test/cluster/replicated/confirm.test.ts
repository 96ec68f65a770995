import { describe, expect, it } from 'vitest';
import type { Confirmation } from '../../../cluster/replicated/contract.ts';
import { meshOf, type StateMesh } from '../state-mesh/state-mesh.ts';

function confirm(mesh: StateMesh, timeoutMs = 1000): Confirmation[] {
  const outcomes: Confirmation[] = [];
  const { records } = mesh.node('n1');
  records.confirm(records.put('clears', 'all', 1), timeoutMs, (outcome) => outcomes.push(outcome));
  return outcomes;
}

describe('a confirmation', () => {
  it('comes once every live member has it in effect', () => {
    const mesh = meshOf(3);
    const effective: string[] = [];
    for (const id of ['n2', 'n3']) mesh.node(id).records.watch('clears', () => effective.push(id));
    const outcomes = confirm(mesh);
    expect(outcomes).toEqual([]);
    mesh.advance(3);
    expect(effective.sort()).toEqual(['n2', 'n3']);
    mesh.advance(5);
    expect(outcomes).toEqual([{ acknowledged: ['n1', 'n2', 'n3'], missing: [], isDurable: true }]);
  });

  it('comes for a node alone as soon as its disk has the record', () => {
    const mesh = meshOf(1);
    const { store } = mesh.node('n1');
    const outcomes: Confirmation[] = [];
    const { records } = mesh.node('n1');
    records.confirm(records.put('clears', 'all', 1), 1000, (outcome) => {
      outcomes.push(outcome);
      expect(store.kept.get('clears/all')?.payload).toBe(1);
    });
    expect(outcomes).toEqual([]);
    mesh.advance(10);
    expect(outcomes).toEqual([{ acknowledged: ['n1'], missing: [], isDurable: true }]);
  });

  it('says that it is not durable when the disk has not taken it in time', () => {
    const mesh = meshOf(2);
    mesh.node('n1').store.failure = new Error('disk full');
    const outcomes = confirm(mesh);
    mesh.advance(999);
    expect(outcomes).toEqual([]);
    mesh.advance(2);
    expect(outcomes).toEqual([{ acknowledged: ['n1', 'n2'], missing: [], isDurable: false }]);
  });

  it('waits for a disk that fails and then works again', () => {
    const mesh = meshOf(2);
    const { store } = mesh.node('n1');
    store.failure = new Error('disk full');
    const outcomes = confirm(mesh);
    mesh.advance(50);
    store.failure = undefined;
    mesh.advance(500);
    expect(outcomes).toEqual([{ acknowledged: ['n1', 'n2'], missing: [], isDurable: true }]);
  });

  it('comes though messages get lost', () => {
    const mesh = meshOf(3);
    mesh.network.misfortune.lossChance = 1;
    const outcomes = confirm(mesh, 10_000);
    mesh.network.disconnect('n1', 'n2');
    mesh.advance(100);
    expect(outcomes).toEqual([]);
    mesh.network.misfortune.lossChance = 0;
    mesh.network.connect('n1', 'n2');
    mesh.advance(10_000);
    expect(outcomes[0]?.acknowledged).toContain('n2');
  });

  it('names those that did not answer in time', () => {
    const mesh = meshOf(3);
    mesh.node('n3').clock.freeze();
    const outcomes = confirm(mesh);
    mesh.advance(999);
    expect(outcomes).toEqual([]);
    mesh.advance(2);
    expect(outcomes).toEqual([{ acknowledged: ['n1', 'n2'], missing: ['n3'], isDurable: true }]);
  });

  it('does not wait for a member that dies or leaves meanwhile', () => {
    for (const state of ['dead', 'left'] as const) {
      const mesh = meshOf(3);
      mesh.node('n3').clock.freeze();
      const outcomes = confirm(mesh);
      mesh.advance(100);
      mesh.believe('n1', 'n3', state);
      expect(outcomes).toEqual([{ acknowledged: ['n1', 'n2'], missing: [], isDurable: true }]);
    }
  });

  it('is not given by a member that refuses the record, and counts for one that has a newer one', () => {
    const mesh = meshOf(3);
    mesh.node('n3').clock.wallOffsetMs = -60_000;
    mesh.node('n2').records.put('clears', 'all', 'newer');
    mesh.node('n1').clock.wallOffsetMs = -1000;
    mesh.network.misfortune.delayMinMs = 1;
    const outcomes = confirm(mesh, 200);
    mesh.advance(300);
    expect(outcomes).toEqual([{ acknowledged: ['n1', 'n2'], missing: ['n3'], isDurable: true }]);
  });

  it('asks a member that refuses less and less often', () => {
    const mesh = meshOf(2);
    mesh.node('n2').clock.wallOffsetMs = -60_000;
    mesh.network.sent.clear();
    confirm(mesh, 5000);
    mesh.advance(5000);
    expect(mesh.network.sent.get('records/confirm')).toBeGreaterThan(3);
    expect(mesh.network.sent.get('records/confirm')).toBeLessThan(10);
  });

  it('finds an end to how many may wait', () => {
    const mesh = meshOf(2);
    mesh.node('n2').clock.freeze();
    const outcomes: Confirmation[] = [];
    const { records } = mesh.node('n1');
    const record = records.put('clears', 'all', 1);
    for (let count = 0; count < 1001; count++) records.confirm(record, 1000, (outcome) => outcomes.push(outcome));
    expect(outcomes).toEqual([{ acknowledged: ['n1'], missing: ['n2'], isDurable: false }]);
    mesh.advance(1001);
    expect(outcomes).toHaveLength(1001);
  });
});

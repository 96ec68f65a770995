import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timings } from '../../../cluster/timing.ts';
import { meshOf, StateMesh } from '../state-mesh/state-mesh.ts';

const fixed = { numRuns: 40, seed: 7 };

function statesOf(mesh: StateMesh): string[] {
  return [...mesh.nodes.values()].map(({ gossip }) => {
    const entries: string[] = [];
    gossip.each('', ({ node, key, value }) => entries.push(`${node} ${key} ${JSON.stringify(value)}`));
    return entries.sort().join('\n');
  });
}

describe('state that got lost on its way', () => {
  it('is asked for as soon as the next change shows the gap', () => {
    const mesh = meshOf(2);
    const { gossip } = mesh.node('n1');
    mesh.network.misfortune.lossChance = 1;
    gossip.set('load/a', 1, true);
    mesh.advance(10);
    mesh.network.misfortune.lossChance = 0;
    gossip.set('load/b', 2, true);
    mesh.advance(4);
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBe(1);
    expect(mesh.node('n2').gossip.get('n1', 'load/b')).toBe(2);
  });

  it('is found by comparing where nothing follows, over any member', () => {
    const mesh = meshOf(3);
    mesh.network.disconnect('n1', 'n3');
    mesh.node('n1').gossip.set('load/a', 1);
    mesh.advance(2500);
    expect(mesh.node('n3').gossip.get('n1', 'load/a')).toBe(1);
    expect(mesh.node('n3').gossip.digest()).toBe(mesh.node('n1').gossip.digest());
  });

  it('comes whole to who joins, however much it is', () => {
    const mesh = new StateMesh();
    const { gossip } = mesh.start('n1');
    for (let index = 0; index < 15_000; index++) gossip.set(`load/${index}`, { index, text: 'x'.repeat(20) });
    mesh.start('n2');
    mesh.join('n1', 'n2');
    mesh.advance(200);
    expect(mesh.node('n2').gossip.digest()).toBe(gossip.digest());
    expect(mesh.node('n2').gossip.get('n1', 'load/14999')).toMatchObject({ index: 14_999 });
  });

  it('is passed on in a mesh too large for telling everybody', () => {
    const mesh = new StateMesh();
    const environment = { timing: { ...timings.loopback, directMembersMax: 5 } };
    for (let index = 1; index <= 14; index++) mesh.start(`n${index}`, { environment });
    mesh.joinAll();
    mesh.advance(500);
    mesh.network.sent.clear();
    mesh.node('n1').gossip.set('breaker/a', 'open', true);
    mesh.node('n2').gossip.set('load/a', 5);
    mesh.node('n3').records.put('clears', 'a', 1);
    mesh.advance(100);
    const nodes = [...mesh.nodes.values()];
    expect(nodes.filter(({ gossip }) => gossip.get('n1', 'breaker/a') === 'open').length).toBeGreaterThan(10);
    expect(nodes.filter(({ records }) => records.get('clears', 'a') !== undefined).length).toBeGreaterThan(10);
    expect(mesh.network.sent.get('gossip/push')).toBeLessThan(14 * 6);
    mesh.advance(6000);
    for (const { gossip, records } of nodes) {
      expect([gossip.get('n1', 'breaker/a'), gossip.get('n2', 'load/a')]).toEqual(['open', 5]);
      expect(records.get('clears', 'a')?.payload).toBe(1);
    }
  });
});

describe('deleted keys', () => {
  it('stay deleted for a member that missed it, also after they were forgotten', () => {
    const mesh = meshOf(3);
    const { gossip } = mesh.node('n1');
    gossip.set('load/old', 1);
    gossip.set('load/new', 2);
    mesh.advance(100);
    mesh.network.disconnect('n1', 'n3');
    mesh.network.disconnect('n2', 'n3');
    gossip.delete('load/old');
    mesh.advance(400_000);
    gossip.set('load/other', 3);
    expect(mesh.node('n3').gossip.get('n1', 'load/old')).toBe(1);
    mesh.network.connect('n2', 'n3');
    mesh.advance(3000);
    expect(mesh.node('n3').gossip.get('n1', 'load/old')).toBeUndefined();
    expect(mesh.node('n3').gossip.get('n1', 'load/new')).toBe(2);
    expect(mesh.node('n3').gossip.digest()).toBe(gossip.digest());
  });

  describe('are not brought back by a member that has not heard that they were forgotten', () => {
    function cutOffFromOwner() {
      const mesh = meshOf(3);
      mesh.network.disconnect('n1', 'n2');
      mesh.network.disconnect('n1', 'n3');
      const { gossip, post } = mesh.node('n2');
      const told: unknown[] = [];
      gossip.watch('load/', ({ key, value }) => told.push([key, value]));
      const hear = (f: number, t: number, g: number, e: readonly [string, number, number?][]) =>
        post.receive('n3', 'gossip/push', { d: [{ n: 'n1', i: 1001, f, t, g, e }], p: 0 });
      return { told, hear };
    }

    it('to one that missed the deletion', () => {
      const { told, hear } = cutOffFromOwner();
      hear(0, 25, 0, [['load/b', 20, 2]]);
      hear(37, 38, 36, [['load/c', 38, 3]]);
      hear(24, 25, 0, [['load/b', 25, 1]]);
      hear(25, 26, 0, [['load/b', 26, 1]]);
      hear(0, 26, 0, [['load/b', 26, 1]]);
      hear(0, 38, 36, [
        ['load/a', 10, 1],
        ['load/c', 38, 3],
      ]);
      expect(told).toEqual([
        ['load/b', 2],
        ['load/b', undefined],
        ['load/c', 3],
        ['load/a', 1],
      ]);
    });

    it('to one that heard of the key ahead of everything else', () => {
      const { told, hear } = cutOffFromOwner();
      hear(25, 26, 0, [['load/b', 26, 1]]);
      hear(0, 38, 36, [['load/c', 38, 3]]);
      expect(told).toEqual([
        ['load/b', 1],
        ['load/b', undefined],
        ['load/c', 3],
      ]);
    });

    it('but what such a member heard completely, or later, is taken', () => {
      const { told, hear } = cutOffFromOwner();
      hear(0, 25, 0, [['load/b', 20, 2]]);
      hear(40, 41, 0, [['load/c', 41, 4]]);
      hear(37, 38, 36, [['load/c', 38, 3]]);
      hear(41, 42, 0, [['load/d', 42, 5]]);
      hear(0, 42, 0, [
        ['load/b', 30],
        ['load/a', 39, 1],
        ['load/c', 41, 4],
        ['load/d', 42, 5],
      ]);
      expect(told).toEqual([
        ['load/b', 2],
        ['load/c', 4],
        ['load/b', undefined],
        ['load/d', 5],
        ['load/a', 1],
      ]);
    });
  });

  it('do not pile up', () => {
    const mesh = meshOf(2);
    const { gossip } = mesh.node('n1');
    for (let round = 0; round < 30; round++) {
      for (let index = 0; index < 1000; index++) gossip.set(`load/${round}-${index}`, 1);
      for (let index = 0; index < 1000; index++) gossip.delete(`load/${round}-${index}`);
      mesh.advance(100);
    }
    gossip.set('load/last', 1);
    mesh.advance(100);
    expect(statesOf(mesh)).toEqual(['n1 load/last 1', 'n1 load/last 1']);
    expect(mesh.node('n2').post.refused).toBe(0);
  });
});

describe('a node that lost its memory of what it said', () => {
  it('counts on from what the others know of it, and they let go of what it does not say any more', () => {
    const mesh = meshOf(3);
    const { gossip, incarnation } = mesh.node('n1');
    for (let count = 0; count < 50; count++) gossip.set(`load/${count}`, count);
    mesh.advance(100);
    mesh.kill('n1');
    const reborn = mesh.start('n1', { incarnation });
    reborn.gossip.set('load/1', 'new');
    mesh.join('n1', 'n2');
    mesh.join('n1', 'n3');
    mesh.advance(3000);
    expect(new Set(statesOf(mesh))).toEqual(new Set(['n1 load/1 "new"']));
  });

  it('takes the place of an incarnation of its own that is higher than its present one', () => {
    const mesh = meshOf(2);
    mesh.node('n1').gossip.set('load/a', 'old');
    mesh.advance(100);
    const { incarnation } = mesh.node('n1');
    mesh.kill('n1');
    const reborn = mesh.start('n1', { incarnation: incarnation - 500 });
    reborn.gossip.set('load/a', 'new');
    mesh.join('n1', 'n2');
    mesh.advance(100);
    // What membership does once it hears of the other: it refutes.
    reborn.incarnation = incarnation + 1;
    mesh.believe('n1', 'n1', 'alive');
    mesh.believe('n2', 'n1', 'alive');
    mesh.advance(3000);
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBe('new');
    expect(mesh.node('n2').gossip.digest()).toBe(reborn.gossip.digest());
  });
});

type Step =
  | { kind: 'set'; node: number; key: number; isUrgent: boolean }
  | { kind: 'delete'; node: number; key: number }
  | { kind: 'cut' | 'heal'; node: number; other: number }
  | { kind: 'wait'; ms: number };

const nodeIndex = fc.integer({ min: 0, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      node: nodeIndex,
      key: fc.nat(5),
      isUrgent: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), node: nodeIndex, key: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('cut' as const, 'heal' as const), node: nodeIndex, other: nodeIndex }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1500 }) }) },
);

describe('whatever gets lost, doubled, late or cut off', () => {
  it('all agree soon after it is over, and counts of a live node never fall on the way', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), fc.nat(1000), (steps, seed) => {
        const mesh = meshOf(4, seed);
        Object.assign(mesh.network.misfortune, { lossChance: 0.2, duplicateChance: 0.2, delayMaxMs: 120 });
        const highest = new Map<string, number>();
        for (const [id, { gossip }] of mesh.nodes) {
          gossip.watch('', ({ node, key, value }) => {
            if (typeof value !== 'number') return;
            const place = `${id} ${node} ${key}`;
            expect(value).toBeGreaterThan(highest.get(place) ?? 0);
            highest.set(place, value);
          });
        }
        let count = 0;
        const nodes = [...mesh.nodes.values()];
        for (const each of steps) run(mesh, each, ++count);
        Object.assign(mesh.network.misfortune, { lossChance: 0, duplicateChance: 0, delayMaxMs: 1 });
        mesh.joinAll();
        mesh.advance(5000);
        expect(new Set(statesOf(mesh)).size).toBe(1);
        expect(new Set(nodes.map(({ gossip }) => gossip.digest())).size).toBe(1);
        expect(nodes.map(({ post }) => post.refused)).toEqual([0, 0, 0, 0]);
      }),
      fixed,
    );
  });

  it('fails without repair: the network above does lose state', () => {
    const mesh = meshOf(2);
    mesh.network.misfortune.lossChance = 1;
    mesh.node('n1').gossip.set('load/a', 1);
    mesh.advance(5000);
    expect(new Set(statesOf(mesh)).size).toBe(2);
  });
});

function run(mesh: StateMesh, step: Step, count: number): void {
  if (step.kind === 'wait') return mesh.advance(step.ms);
  const id = `n${step.node + 1}`;
  const { gossip } = mesh.node(id);
  if (step.kind === 'set') gossip.set(`load/${step.key}`, count, step.isUrgent);
  else if (step.kind === 'delete') gossip.delete(`load/${step.key}`);
  else if (step.kind === 'cut') mesh.network.disconnect(id, `n${step.other + 1}`);
  else if (step.node !== step.other) mesh.network.connect(id, `n${step.other + 1}`);
}

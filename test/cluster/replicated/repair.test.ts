import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryStore, meshOf, StateMesh } from '../state-mesh/state-mesh.ts';

const dayMs = 86_400_000;

function contentOf(mesh: StateMesh, id: string): string {
  const records = [...mesh.node(id).records.list('accounts')];
  return records
    .map(({ id, stamp, payload }) => `${id} ${stamp.major} ${stamp.minor} ${JSON.stringify(payload)}`)
    .sort()
    .join('\n');
}

/** Days pass; what runs every few hundred milliseconds needs not run through all of them. */
function passDays(mesh: StateMesh, days: number): void {
  mesh.clock.jumpWall(days * dayMs);
  mesh.advance(601_000);
}

describe('records that got lost on their way', () => {
  it('are found by comparing, in both directions, also very many', () => {
    const mesh = new StateMesh();
    const [first, second] = [mesh.start('n1', { isJoined: () => true }), mesh.start('n2', { isJoined: () => true })];
    first.records.isCurrent();
    second.records.isCurrent();
    for (let index = 0; index < 8000; index++) first.records.put('accounts', `one${index}`, { index });
    for (let index = 0; index < 3000; index++) second.records.put('accounts', `two${index}`, 'x'.repeat(300));
    second.records.put('only here', 'a', 1);
    mesh.join('n1', 'n2');
    mesh.advance(2000);
    expect(first.records.digest()).toBe(second.records.digest());
    expect([...first.records.list('accounts')]).toHaveLength(11_000);
    expect([...second.records.list('accounts')]).toHaveLength(11_000);
    expect(first.records.get('only here', 'a')?.payload).toBe(1);
    expect([first.post.refused, second.post.refused]).toEqual([0, 0]);
  });

  it('are found in a bucket that is too large for one message', () => {
    const mesh = new StateMesh();
    const first = mesh.start('n1', { isJoined: () => true });
    mesh.start('n2');
    const big = 'x'.repeat(60_000);
    for (let index = 0; index < 300; index++) first.records.put('accounts', `a${index}`, big);
    mesh.join('n1', 'n2');
    mesh.advance(500);
    expect(contentOf(mesh, 'n2')).toBe(contentOf(mesh, 'n1'));
  });

  it('cost little to look for where there are none', () => {
    const mesh = meshOf(3);
    for (let index = 0; index < 1000; index++) mesh.node('n1').records.put('accounts', `a${index}`, index);
    mesh.advance(3000);
    mesh.network.sent.clear();
    mesh.network.bytes = 0;
    mesh.advance(10_000);
    expect(mesh.network.sent.has('records/bucket')).toBe(false);
    expect(mesh.network.sent.has('records/push')).toBe(false);
    expect(mesh.network.bytes).toBeLessThan(10 * 3 * 1000);
  });
});

describe('deletions', () => {
  it('win against an older write of a member that was away', () => {
    const mesh = meshOf(3);
    mesh.node('n1').records.put('accounts', 'a', 1);
    mesh.advance(50);
    mesh.network.disconnect('n1', 'n3');
    mesh.network.disconnect('n2', 'n3');
    mesh.node('n1').records.remove('accounts', 'a');
    mesh.advance(5000);
    mesh.joinAll();
    mesh.advance(100);
    for (const { records } of mesh.nodes.values()) expect(records.get('accounts', 'a')).toBeUndefined();
  });

  it('are forgotten after a week, by all and on disk, and the members agree all the while', () => {
    const mesh = meshOf(3);
    mesh.node('n1').records.put('accounts', 'a', 1);
    mesh.node('n1').records.put('accounts', 'b', 1);
    mesh.node('n1').records.remove('accounts', 'a');
    mesh.advance(100);
    passDays(mesh, 6);
    expect(mesh.node('n2').store.kept.has('accounts/a')).toBe(true);
    passDays(mesh, 2);
    mesh.advance(5000);
    for (const { store, records } of mesh.nodes.values()) {
      expect([...store.kept.keys()]).toEqual(['accounts/b']);
      expect(records.digest()).toBe(mesh.node('n1').records.digest());
    }
  });

  it('are not forgotten while a member is away that may not have heard of them, if only the wall clock says that it is time', () => {
    const mesh = meshOf(3);
    mesh.node('n1').records.put('accounts', 'a', 1);
    mesh.advance(100);
    const { store, incarnation } = mesh.node('n3');
    mesh.kill('n3');
    for (const id of ['n1', 'n2']) mesh.believe(id, 'n3', 'dead');
    mesh.node('n1').records.remove('accounts', 'a');
    mesh.advance(100);
    passDays(mesh, 8);
    mesh.start('n3', { store, incarnation: incarnation + 100 });
    mesh.joinAll();
    mesh.advance(3000);
    for (const { records } of mesh.nodes.values()) {
      expect(records.get('accounts', 'a')).toBeUndefined();
      expect(records.digest()).toBe(mesh.node('n1').records.digest());
    }
  });

  it('do not come back from a member that keeps them longer', () => {
    const mesh = meshOf(2);
    mesh.node('n1').records.remove('accounts', 'a');
    mesh.advance(100);
    mesh.node('n1').clock.wallOffsetMs = 8 * dayMs;
    mesh.advance(605_000);
    expect(mesh.node('n1').store.kept.size).toBe(0);
    expect(mesh.node('n2').store.kept.size).toBe(1);
    mesh.node('n2').clock.wallOffsetMs = 8 * dayMs;
    mesh.advance(605_000);
    expect(mesh.node('n2').store.kept.size).toBe(0);
    expect(mesh.node('n2').records.digest()).toBe(mesh.node('n1').records.digest());
  });

  it('do not pile up without end, and the members still agree', () => {
    const mesh = meshOf(2);
    const { records } = mesh.node('n1');
    for (let round = 0; round < 9; round++) {
      for (let index = 0; index < 2500; index++) records.remove('claims', `${round}-${index}`);
      mesh.advance(1000);
    }
    mesh.advance(3000);
    expect(records.digest()).toBe(mesh.node('n2').records.digest());
    for (const { store } of mesh.nodes.values()) expect(store.kept.size).toBeLessThanOrEqual(20_000);
  });
});

interface Restart {
  kind: 'restart';
  node: number;
  isEmpty: boolean;
}

type Step =
  | { kind: 'put' | 'remove'; node: number; key: number }
  | { kind: 'cut' | 'heal'; node: number; other: number }
  | { kind: 'wall'; node: number; ms: number }
  | Restart
  | { kind: 'wait'; ms: number };

const node = fc.integer({ min: 1, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), node, key: fc.nat(6) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), node, key: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('cut' as const, 'heal' as const), node, other: node }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wall' as const), node, ms: fc.integer({ min: -4000, max: 4000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), node, isEmpty: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1500 }) }) },
);

describe('whatever gets lost, doubled, late, cut off or restarted', () => {
  it('all records are equal soon after it is over, on disk too, and everybody is current', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), fc.nat(1000), (steps, seed) => {
        const mesh = meshOf(4, seed);
        Object.assign(mesh.network.misfortune, { lossChance: 0.2, duplicateChance: 0.2, delayMaxMs: 120 });
        for (const [count, each] of steps.entries()) run(mesh, each, count);
        Object.assign(mesh.network.misfortune, { lossChance: 0, duplicateChance: 0, delayMaxMs: 1 });
        for (const { clock } of mesh.nodes.values()) clock.wallOffsetMs = 0;
        mesh.joinAll();
        mesh.advance(6000);
        for (const id of mesh.nodes.keys()) {
          expect(contentOf(mesh, id)).toBe(contentOf(mesh, 'n1'));
          expect(mesh.node(id).records.digest()).toBe(mesh.node('n1').records.digest());
          expect(mesh.node(id).records.isCurrent()).toBe(true);
          expect([...mesh.node(id).store.kept.keys()].sort()).toEqual([...mesh.node('n1').store.kept.keys()].sort());
          expect(mesh.node(id).post.refused).toBe(0);
        }
      }),
      { numRuns: 40, seed: 11 },
    );
  });
});

function run(mesh: StateMesh, step: Step, count: number): void {
  if (step.kind === 'wait') return mesh.advance(step.ms);
  const id = `n${step.node}`;
  const { records, clock, store } = mesh.node(id);
  if (step.kind === 'put') records.put('accounts', `a${step.key}`, count);
  else if (step.kind === 'remove') records.remove('accounts', `a${step.key}`);
  else if (step.kind === 'wall') clock.wallOffsetMs = step.ms;
  else if (step.kind === 'cut') mesh.network.disconnect(id, `n${step.other}`);
  else if (step.kind === 'heal') {
    if (step.node !== step.other) mesh.network.connect(id, `n${step.other}`);
  } else restart(mesh, id, (step as Restart).isEmpty ? new MemoryStore() : store);
}

function restart(mesh: StateMesh, id: string, store: MemoryStore): void {
  mesh.kill(id);
  mesh.start(id, { store });
  for (const other of mesh.nodes.keys()) if (other !== id) mesh.join(id, other);
}

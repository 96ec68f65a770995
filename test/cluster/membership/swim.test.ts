import { describe, expect, it } from 'vitest';
import { timings } from '../../../cluster/timing.ts';
import { LittleMesh, type LittleNode } from '../mesh/little-mesh.ts';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
const agree = (nodes: readonly LittleNode[], node: string, state: string | undefined) =>
  nodes.every((each) => each.state(node) === state);
const allAlive = (nodes: readonly LittleNode[]) =>
  nodes.every(
    ({ membership }) =>
      membership.live.length === nodes.length && membership.live.every(({ state }) => state === 'alive'),
  );

describe('a node alone', () => {
  it('is a member, joined, and has nothing to do', () => {
    const mesh = new LittleMesh();
    const node = mesh.add('n1');
    expect(node.liveIds()).toEqual(['n1']);
    expect(node.membership.self).toMatchObject({ nodeId: 'n1', state: 'alive', isSelf: true });
    expect(node.links.isJoined).toBe(true);
    expect(mesh.clock.pendingCount).toBe(0);
  });
});

describe.each([2, 3, 9])('a mesh of %i', (count) => {
  it('finds itself, and suspects nobody while all is well', () => {
    const mesh = new LittleMesh(count);
    const nodes = mesh.grow(count);
    expect(allAlive(nodes)).toBe(true);
    mesh.advance(120_000);
    expect(allAlive(nodes)).toBe(true);
    expect(nodes.map(({ membership }) => membership.suspicions)).toEqual(nodes.map(() => 0));
    expect(nodes.map(({ incarnations }) => incarnations)).toEqual(nodes.map(() => []));
  });

  it.each(seeds)('buries a killed member within 2 s (seed %i)', (seed) => {
    const mesh = new LittleMesh(seed);
    const [victim, ...rest] = mesh.grow(count).toReversed() as [LittleNode, ...LittleNode[]];
    victim.kill();
    expect(mesh.until(() => agree(rest, `n${count}`, 'dead'))).toBeLessThanOrEqual(2000);
    expect(rest[0]?.changes.filter((change) => change.startsWith(`n${count}:`))).toEqual([
      `n${count}:new>alive`,
      `n${count}:alive>suspect`,
      `n${count}:suspect>dead`,
    ]);
  });

  it.each(seeds)('buries a frozen member within 5 s, and takes it back when it runs again (seed %i)', (seed) => {
    const mesh = new LittleMesh(seed);
    const nodes = mesh.grow(count);
    const [victim, ...rest] = nodes as [LittleNode, ...LittleNode[]];
    victim.freeze();
    expect(mesh.until(() => agree(rest, 'n1', 'dead'))).toBeLessThanOrEqual(5000);
    mesh.advance(20_000);
    victim.thaw();
    expect(mesh.until(() => allAlive(nodes))).toBeLessThanOrEqual(5000);
    mesh.advance(10_000);
    const others = rest.map(({ membership }) => membership.self.nodeId);
    expect(victim.changes.filter((change) => /suspect|dead/.test(change))).toEqual([]);
    expect(rest.flatMap(({ changes }) => changes).filter((change) => change.endsWith('>dead'))).toEqual(
      others.map(() => 'n1:suspect>dead'),
    );
  });
});

describe('evidence', () => {
  it.each(seeds)('of one broken way does not bury anybody (seed %i)', (seed) => {
    const mesh = new LittleMesh(seed);
    const nodes = mesh.grow(4);
    mesh.wire.cuts.add('n2>n3');
    mesh.advance(30_000);
    mesh.wire.cuts.add('n3>n2');
    mesh.advance(30_000);
    expect(allAlive(nodes)).toBe(true);
    expect(nodes.flatMap(({ changes }) => changes).filter((change) => change.endsWith('>dead'))).toEqual([]);
  });

  it.each(seeds)('of a cut on all sides buries the one that is cut off, within 5 s (seed %i)', (seed) => {
    const mesh = new LittleMesh(seed);
    const nodes = mesh.grow(5);
    const [cutOff, ...rest] = nodes as [LittleNode, ...LittleNode[]];
    mesh.wire.split(['n1'], ['n2', 'n3', 'n4', 'n5']);
    expect(mesh.until(() => agree(rest, 'n1', 'dead'))).toBeLessThanOrEqual(5000);
    expect(mesh.until(() => cutOff.liveIds().length === 1, 20_000)).toBeLessThan(Infinity);
    mesh.wire.cuts.clear();
    expect(mesh.until(() => allAlive(nodes))).toBeLessThan(40_000);
  });

  it.each(seeds)('of one who hears badly is not believed against those who hear well (seed %i)', (seed) => {
    const mesh = new LittleMesh(seed);
    const nodes = mesh.grow(5);
    mesh.wire.lossShare = 0.2;
    mesh.advance(60_000);
    expect(nodes.flatMap(({ changes }) => changes).filter((change) => change.endsWith('>dead'))).toEqual([]);
  });

  it('of a node whose event loop stands still for longer than an answer takes is kept to itself', () => {
    const mesh = new LittleMesh(3);
    const nodes = mesh.grow(3);
    const [deaf, other] = nodes as [LittleNode, LittleNode];
    deaf.loopDelayMs = 2 * mesh.timing.probeTimeoutMs;
    expect(deaf.membership.awareness).toBeGreaterThanOrEqual(4);
    // It hears neither of the others, who hear it.
    mesh.wire.cuts.add('n2>n1').add('n3>n1');
    mesh.advance(20_000);
    expect(deaf.liveIds()).toEqual(['n1', 'n2', 'n3']);
    expect(deaf.membership.suspicions).toBe(0);
    expect(other.changes.filter((change) => /n3:.*(?:suspect|dead)/.test(change))).toEqual([]);
  });

  it('of a gap in the own time is none', () => {
    const mesh = new LittleMesh(4);
    const nodes = mesh.grow(5);
    for (let round = 0; round < 20; round++) {
      for (const node of nodes) node.freeze();
      mesh.advance(3000);
      for (const node of nodes) node.thaw();
      mesh.advance(700);
    }
    expect(nodes.flatMap(({ changes }) => changes).filter((change) => change.endsWith('>dead'))).toEqual([]);
    mesh.advance(5000);
    expect(allAlive(nodes)).toBe(true);
  });
});

describe('coming and going', () => {
  it('with left is said, heard by all, and not taken for a death', () => {
    const mesh = new LittleMesh(5);
    const nodes = mesh.grow(4);
    const [leaver, ...rest] = nodes as [LittleNode, ...LittleNode[]];
    let isDone = false;
    leaver.membership.leave(() => (isDone = true));
    expect(mesh.until(() => isDone)).toBeLessThan(100);
    leaver.kill();
    mesh.advance(10_000);
    expect(agree(rest, 'n1', 'left')).toBe(true);
    expect(rest.flatMap(({ changes }) => changes).filter((change) => /n1:.*(?:suspect|dead)/.test(change))).toEqual([]);
    expect(leaver.clock.pendingCount).toBe(0);
  });

  it('leaving ends although nobody answers', () => {
    const mesh = new LittleMesh(6);
    const [leaver] = mesh.grow(3) as [LittleNode];
    mesh.wire.split(['n1'], ['n2', 'n3']);
    let calls = 0;
    leaver.membership.leave(() => calls++);
    expect(mesh.until(() => calls > 0)).toBeLessThanOrEqual(500);
    mesh.advance(5000);
    expect(calls).toBe(1);
  });

  it('leaving alone is done at once', () => {
    const mesh = new LittleMesh();
    let isDone = false;
    mesh.add('n1').membership.leave(() => (isDone = true));
    expect(isDone).toBe(true);
  });

  it.each(seeds)('a restart with a higher incarnation is one of the same member (seed %i)', (seed) => {
    const mesh = new LittleMesh(seed);
    const [n1, n2] = mesh.grow(3) as [LittleNode, LittleNode];
    mesh.node('n3').kill();
    mesh.advance(300);
    const again = mesh.add('n3', { seeds: ['n1:1'] });
    expect(mesh.until(() => n1.state('n3') === 'alive' && n2.state('n3') === 'alive')).toBeLessThan(3000);
    mesh.advance(10_000);
    expect(allAlive([n1, n2, again])).toBe(true);
    expect(n1.member('n3').incarnation).toBe(again.membership.self.incarnation);
  });

  it('a member that comes back with an incarnation of the past takes a higher one, and keeps it', () => {
    const mesh = new LittleMesh(7);
    const [n1] = mesh.grow(3) as [LittleNode];
    const before = n1.member('n3').incarnation;
    mesh.node('n3').kill();
    mesh.advance(5000);
    const again = mesh.add('n3', { seeds: ['n1:1'], incarnation: 5, startedAtMs: 5 });
    expect(mesh.until(() => n1.state('n3') === 'alive')).toBeLessThan(3000);
    expect(again.incarnations.at(-1)).toBeGreaterThan(before);
    expect(n1.member('n3').incarnation).toBe(again.incarnations.at(-1));
  });

  it('the dead are dropped after a while, and the table does not grow with every coming and going', () => {
    const mesh = new LittleMesh(8);
    const [n1, n2] = mesh.grow(2) as [LittleNode, LittleNode];
    for (let round = 0; round < 60; round++) {
      const guest = mesh.add(`guest${round}`, { seeds: ['n1:1'] });
      mesh.advance(1000);
      guest.kill();
      mesh.advance(2000);
      expect(n1.membership.all.length).toBeLessThanOrEqual(20);
    }
    mesh.advance(60_000);
    expect(n1.membership.all.map(({ nodeId }) => nodeId)).toEqual(['n1', 'n2']);
    expect(n2.membership.all.map(({ nodeId }) => nodeId)).toEqual(['n1', 'n2']);
  });

  it('stopping leaves no timer', () => {
    const mesh = new LittleMesh(9);
    const nodes = mesh.grow(5);
    nodes[0]?.kill();
    mesh.advance(1500);
    for (const node of nodes) node.kill();
    expect(nodes.map(({ clock }) => clock.pendingCount)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('readings', () => {
  it('tell round trip, last sign of life and changes', () => {
    const mesh = new LittleMesh(10);
    const [n1] = mesh.grow(3) as [LittleNode];
    mesh.advance(5000);
    expect(n1.member('n2').rttMs).toBe(4);
    expect(mesh.clock.monotonicMs() - (n1.member('n2').lastHeardMs ?? 0)).toBeLessThan(2500);
    const { live, all, version } = n1.membership;
    mesh.advance(5000);
    expect(n1.membership.live).toBe(live);
    expect(n1.membership.all).toBe(all);
    mesh.node('n3').kill();
    mesh.advance(5000);
    expect(n1.membership.live).not.toBe(live);
    expect(n1.membership.version).toBeGreaterThan(version);
    expect(n1.membership.isLive('n3')).toBe(false);
    expect(n1.membership.get('n3')?.state).toBe('dead');
    expect(n1.membership.get('nobody')).toBeUndefined();
  });
});

describe('a mesh above the size of direct pushes', () => {
  it.each([1, 2, 3])('finds itself and buries its dead all the same (seed %i)', (seed) => {
    const mesh = new LittleMesh(seed, { ...timings.lan, directMembersMax: 4 });
    const nodes = mesh.grow(12);
    mesh.advance(5000);
    expect(allAlive(nodes)).toBe(true);
    const [victim, ...rest] = nodes.toReversed() as [LittleNode, ...LittleNode[]];
    victim.kill();
    expect(mesh.until(() => agree(rest, 'n12', 'dead'))).toBeLessThanOrEqual(3000);
  });
});

describe('a mesh of 40', () => {
  it('asks after a frozen member by a few, not by all, and buries it', () => {
    const mesh = new LittleMesh(1);
    const [victim, ...rest] = mesh.grow(40).toReversed() as [LittleNode, ...LittleNode[]];
    victim.freeze();
    mesh.wire.framesTo.clear();
    expect(mesh.until(() => agree(rest, 'n40', 'dead'))).toBeLessThanOrEqual(5000);
    // With a probe and three through others from everybody there would be twice as many.
    expect(mesh.wire.framesTo.get('n40')).toBeLessThan(120);
  });
});

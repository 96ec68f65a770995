import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../manual-clock.ts';
import { Connections } from '../../../cluster/links/connections.ts';
import { linkFaults } from '../../../cluster/links/faults.ts';
import type { SeedResolver } from '../../../cluster/links/contract.ts';
import { LittleMesh, type LittleNode } from '../mesh/little-mesh.ts';

const warnings = ({ log }: LittleNode) =>
  log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
const isFull = (nodes: readonly LittleNode[]) =>
  nodes.every(
    ({ post, membership }) => post.reachable().length === nodes.length - 1 && membership.live.length === nodes.length,
  );

const standing = ({ links }: LittleNode) => [links.isJoined, links.obstacle];

describe('joining', () => {
  it('is done at once without seeds, and with none but the node itself', () => {
    const mesh = new LittleMesh();
    expect(standing(mesh.add('n1', { seeds: ['N1:1'] }))).toEqual([true, undefined]);
    expect(standing(mesh.add('n2'))).toEqual([true, undefined]);
  });

  it('is done once it turned out that the seed leads back to the node itself', () => {
    const mesh = new LittleMesh();
    const resolver: SeedResolver = { resolve: (_seed, done) => done(['/wire/n1']) };
    const node = mesh.add('n1', { seeds: ['alias:1'], resolver });
    expect(node.links.isJoined).toBe(false);
    mesh.advance(100);
    expect(standing(node)).toEqual([true, undefined]);
    expect(warnings(node)).toEqual([]);
  });

  it('waits for a seed that is not up yet, and says so once', () => {
    const mesh = new LittleMesh();
    const node = mesh.add('n2', { seeds: ['n1:1', 'n2:1'] });
    mesh.advance(60_000);
    expect(node.links.isJoined).toBe(false);
    expect(node.links.obstacle).toBe('Seed node n1:1: Nobody answers at n1.');
    expect(warnings(node)).toEqual(['Seed node n1:1: Nobody answers at n1.']);
    const seed = mesh.add('n1');
    expect(mesh.until(() => isFull([node, seed]) && node.links.isJoined)).toBeLessThan(8000);
    expect(standing(node)).toEqual([true, undefined]);
    expect(node.log.lines.filter(({ level }) => level === 'info').map(({ message }) => message)).toContain(
      'Joined the mesh.',
    );
  });

  it('works for nodes that start together and all name each other', () => {
    const mesh = new LittleMesh(3);
    const seeds = ['n1:1', 'n2:1', 'n3:1', 'n4:1'];
    const nodes = ['n1', 'n2', 'n3', 'n4'].map((id) => mesh.add(id, { seeds }));
    expect(mesh.until(() => isFull(nodes) && nodes.every(({ links }) => links.isJoined))).toBeLessThan(3000);
    const dials = nodes.reduce((sum, { transport }) => sum + transport.dialsCount, 0);
    mesh.advance(30_000);
    expect(nodes.reduce((sum, { transport }) => sum + transport.dialsCount, 0)).toBe(dials);
  });

  it('says what is wrong with a seed when it changes, in the words of the resolver', () => {
    const mesh = new LittleMesh();
    const answers = ['seed_unresolvable', 'seed_unresolvable', 'seed_not_ours', 'seed_not_ours'] as const;
    let calls = 0;
    const resolver: SeedResolver = {
      resolve: (_seed, done) => {
        const code = answers[Math.min(calls++, answers.length - 1)] ?? 'seed_not_ours';
        done(linkFaults[code](`Told: ${code}.`));
      },
    };
    const node = mesh.add('n1', { seeds: ['elsewhere:1'], resolver });
    mesh.advance(60_000);
    expect(calls).toBeGreaterThan(5);
    expect(warnings(node)).toEqual(['Told: seed_unresolvable.', 'Told: seed_not_ours.']);
    expect(node.links.obstacle).toBe('Told: seed_not_ours.');
  });

  it('tries a seed that came back as another peer', () => {
    const mesh = new LittleMesh(4);
    const [n1, n2, n3] = mesh.grow(3) as [LittleNode, LittleNode, LittleNode];
    n1.kill();
    mesh.advance(40_000);
    const resolver: SeedResolver = { resolve: (_seed, done) => done(['/wire/fresh']) };
    const again = mesh.add('n1', { peer: 'fresh' });
    const late = mesh.add('n4', { seeds: ['n1:1'], resolver });
    expect(mesh.until(() => isFull([again, late]))).toBeLessThan(8000);
    expect(isFull([n2, n3])).toBe(true);
  });
});

describe('introductions', () => {
  it('under another secret are refused on both sides, with one line each', () => {
    const mesh = new LittleMesh();
    const ours = mesh.add('n1');
    const theirs = mesh.add('n2', { seeds: ['n1:1'], secret: 'other' });
    mesh.advance(30_000);
    expect(ours.liveIds()).toEqual(['n1']);
    expect(theirs.liveIds()).toEqual(['n2']);
    expect(warnings(ours)).toEqual(['n2 at n2:1 does not know the cluster secret.']);
    expect(standing(theirs)).toEqual([false, expect.stringContaining('cluster secret')]);
  });

  it('come from the peer that they name, or end the connection', () => {
    const mesh = new LittleMesh();
    const [n1, n2] = mesh.grow(2) as [LittleNode, LittleNode];
    const facts = { id: 'evil', peer: 'somebody', inc: 1, at: 'x:1', mesh: [], v: '1', since: 1 };
    n2.post.sendToPeer('n1', 'link.hello', { p: [1, 1], f: facts, proof: 'shared' });
    mesh.advance(10);
    expect(n1.transport.closings).toEqual(['evil at x:1 introduces itself as another peer than it is.']);
    expect(n1.membership.get('evil')).toBeUndefined();
  });

  it.each([
    [2, 3, "A node speaks versions 2 to 3 of the mesh's protocol, this one 1 to 1. Upgrade this node."],
    [0, 0, "A node speaks versions 0 to 0 of the mesh's protocol, this one 1 to 1. Upgrade the other node."],
  ])('in versions %i to %i of the protocol only are refused', (min, max, reason) => {
    const mesh = new LittleMesh();
    const [n1, n2] = mesh.grow(2) as [LittleNode, LittleNode];
    n2.post.sendToPeer('n1', 'link.hello', { p: [min, max], anything: 'else' });
    mesh.advance(10);
    expect(n1.transport.closings).toEqual([reason]);
    expect(warnings(n1)).toEqual([reason]);
  });

  it('from days ahead are refused', () => {
    const mesh = new LittleMesh();
    const n1 = mesh.add('n1');
    mesh.add('n2', { seeds: ['n1:1'], wallShiftMs: 3 * 86_400_000 });
    mesh.advance(100);
    expect(warnings(n1)).toEqual(["The clock of n2 at n2:1 is days ahead of this node's. Set the clocks."]);
    expect(n1.liveIds()).toEqual(['n1']);
  });

  it('that are lost are said again', () => {
    const mesh = new LittleMesh(5);
    mesh.wire.lossShare = 0.6;
    const nodes = ['n1', 'n2', 'n3'].map((id) => mesh.add(id, { seeds: ['n1:1'] }));
    expect(mesh.until(() => isFull(nodes) && nodes.every(({ links }) => links.isJoined))).toBeLessThan(30_000);
  });

  it('come before anything else is heard', () => {
    const mesh = new LittleMesh();
    const [n1, n2] = mesh.grow(2) as [LittleNode, LittleNode];
    const heard: unknown[] = [];
    n1.post.on('test', (_from, body) => heard.push(body));
    n1.post.unbind('n2', 'as if it had not said hello');
    n2.post.send('n1', 'test', 'early');
    mesh.advance(10);
    expect(heard).toEqual([]);
    expect(n1.post.refused).toBe(1);
  });

  it('of a process that was started anew behind the same peer tell others of the break', () => {
    const mesh = new LittleMesh();
    const [n1, n2] = mesh.grow(2) as [LittleNode, LittleNode];
    const events: string[] = [];
    n1.post.observe({ reached: (node) => events.push(`reached ${node}`), lost: (node) => events.push(`lost ${node}`) });
    const { nodeId, peer, incarnation, address, meshAddresses, version, startedAtMs } = n2.membership.self;
    const facts = {
      id: nodeId,
      peer,
      inc: incarnation + 1,
      at: address,
      mesh: meshAddresses,
      v: version,
      since: startedAtMs + 1,
    };
    n2.post.sendToPeer('n1', 'link.hello', { p: [1, 1], f: facts, proof: 'shared' });
    mesh.advance(10);
    expect(events).toEqual(['lost n2', 'reached n2']);
  });

  it('are awaited only so long', () => {
    const mesh = new LittleMesh();
    const n1 = mesh.add('n1');
    n1.transport.join('mute');
    mesh.advance(15_000);
    expect(n1.transport.isOpen('mute')).toBe(false);
  });
});

describe('a node id in use', () => {
  const message = (address: string) =>
    `The node id n1 is taken by a live node at ${address}. Give this node another --node-id, or stop the other one first.`;

  it('is refused to a newcomer, who tries for some seconds and then stops', () => {
    const mesh = new LittleMesh(6);
    const nodes = mesh.grow(3);
    const newcomer = mesh.add('n1', { peer: 'fresh', seeds: ['n2:1'] });
    mesh.advance(2000);
    expect(newcomer.links.isJoined).toBe(false);
    expect(newcomer.links.obstacle).toBe(message('n1:1'));
    expect(newcomer.fatal).toEqual([]);
    mesh.advance(10_000);
    expect(newcomer.fatal).toMatchObject([{ code: 'node_id_taken', message: message('n1:1') }]);
    expect(nodes.flatMap(({ fatal }) => fatal)).toEqual([]);
    expect(nodes.every((node) => node.member('n1').peer === 'n1')).toBe(true);
    expect(isFull(nodes)).toBe(true);
  });

  it('is refused by the holder itself', () => {
    const mesh = new LittleMesh(7);
    const holder = mesh.add('n1');
    const newcomer = mesh.add('n1', {
      peer: 'fresh',
      seeds: ['other:1'],
      resolver: { resolve: (_seed, done) => done(['/wire/n1']) },
    });
    mesh.advance(10_000);
    expect(newcomer.fatal).toMatchObject([{ code: 'node_id_taken' }]);
    expect(holder.fatal).toEqual([]);
  });

  it.each([1, 2, 3, 4])('is free again soon for one that crashed and lost its disk (seed %i)', (seed) => {
    const mesh = new LittleMesh(seed);
    const nodes = mesh.grow(3);
    mesh.node('n1').kill();
    const again = mesh.add('n1', { peer: 'fresh', seeds: ['n2:1'] });
    expect(mesh.until(() => again.links.isJoined)).toBeLessThan(4000);
    mesh.advance(10_000);
    expect(again.fatal).toEqual([]);
    expect(isFull([again, ...nodes.slice(1)])).toBe(true);
    expect(nodes[1]?.member('n1').peer).toBe('fresh');
  });

  it.each([1, 2, 3, 4])('is free again for one whose machine vanished without a word (seed %i)', (seed) => {
    const mesh = new LittleMesh(seed);
    const nodes = mesh.grow(3);
    mesh.node('n1').freeze();
    mesh.advance(100);
    const again = mesh.add('n1', { peer: 'fresh', seeds: ['n2:1'] });
    expect(mesh.until(() => again.links.isJoined)).toBeLessThan(8000);
    mesh.advance(10_000);
    expect(again.fatal).toEqual([]);
    expect(nodes[1]?.member('n1').peer).toBe('fresh');
  });

  it('is handed over to one that replaces a node while that is leaving', () => {
    const mesh = new LittleMesh(8);
    const nodes = mesh.grow(3);
    const again = mesh.add('n1', { peer: 'fresh', seeds: ['n2:1'] });
    mesh.advance(2500);
    const leaving = mesh.nodes.get('n2');
    expect(leaving?.member('n1').peer).toBe('n1');
    nodes[0]?.membership.leave(() => nodes[0]?.kill());
    expect(mesh.until(() => again.links.isJoined)).toBeLessThan(3000);
    mesh.advance(20_000);
    expect(again.fatal).toEqual([]);
  });

  it.each([1, 2, 3, 4])('on two sides that meet belongs to the one that started first (seed %i)', (seed) => {
    const mesh = new LittleMesh(seed);
    const first = mesh.add('n1', { peer: 'first' });
    const a = mesh.add('a', { seeds: ['first:1'] });
    mesh.advance(5000);
    const second = mesh.add('n1', { peer: 'second' });
    const b = mesh.add('b', { seeds: ['second:1'] });
    mesh.advance(5000);
    expect(isFull([first, a]) && isFull([second, b])).toBe(true);
    // A newcomer knows both sides.
    const bridge = mesh.add('c', { seeds: ['a:1', 'b:1'] });
    expect(mesh.until(() => second.fatal.length > 0)).toBeLessThan(30_000);
    second.kill();
    const hasFirst = (node: LittleNode) => node.member('n1').peer === 'first';
    expect(mesh.until(() => isFull([first, a, b, bridge]) && [a, b, bridge].every(hasFirst))).toBeLessThan(40_000);
    expect(first.fatal).toEqual([]);
    expect(second.fatal).toHaveLength(1);
  });
});

describe('connections', () => {
  it('that break are made again by the lower peer id', () => {
    const mesh = new LittleMesh(9);
    const nodes = mesh.grow(3);
    const dials = nodes.map(({ transport }) => transport.dialsCount);
    nodes[1]?.transport.close('n3', 'a test');
    mesh.advance(50);
    expect(isFull(nodes)).toBe(false);
    expect(mesh.until(() => isFull(nodes))).toBeLessThan(1000);
    mesh.advance(5000);
    expect(nodes.map(({ transport }, index) => transport.dialsCount - (dials[index] ?? 0))).toEqual([0, 1, 0]);
  });

  it('are made by the higher one when the lower cannot', () => {
    const mesh = new LittleMesh(10);
    const nodes = mesh.grow(3);
    const lower = nodes[1] as LittleNode;
    lower.transport.dial = (_address, done) =>
      void mesh.clock.after(100, () => done(linkFaults.seed_unreachable('It cannot dial.')));
    lower.transport.close('n3', 'a test');
    mesh.advance(50);
    expect(mesh.until(() => isFull(nodes))).toBeLessThan(4000);
  });

  it('over which nothing comes are closed', () => {
    const mesh = new LittleMesh(11);
    const nodes = mesh.grow(3);
    mesh.wire.split(['n3'], ['n1', 'n2']);
    mesh.advance(12_000);
    expect(nodes[0]?.post.reachable()).toEqual(['n2']);
    expect(nodes[0]?.transport.closings).toEqual([expect.stringMatching(/^Nothing came from it for \d+ ms\.$/)]);
  });

  it('are not closed for a silence that was the own', () => {
    const mesh = new LittleMesh(12);
    const nodes = mesh.grow(3);
    for (const node of nodes) node.freeze();
    mesh.advance(60_000);
    for (const node of nodes) node.thaw();
    mesh.advance(5000);
    expect(nodes.flatMap(({ transport }) => transport.closings)).toEqual([]);
    expect(isFull(nodes)).toBe(true);
  });

  it.each([1, 2, 3])(
    'are found again after a split of ten minutes without a seed on the other side (seed %i)',
    (seed) => {
      const mesh = new LittleMesh(seed);
      const nodes = mesh.grow(5);
      mesh.wire.split(['n1', 'n2'], ['n3', 'n4', 'n5']);
      mesh.advance(600_000);
      expect(nodes[0]?.liveIds()).toEqual(['n1', 'n2']);
      expect(nodes[4]?.liveIds()).toEqual(['n3', 'n4', 'n5']);
      mesh.wire.cuts.clear();
      expect(mesh.until(() => isFull(nodes), 90_000)).toBeLessThan(60_000);
    },
  );

  it('to those who left are not tried again', () => {
    const mesh = new LittleMesh(13);
    const nodes = mesh.grow(3);
    mesh.node('n3').membership.leave(() => mesh.node('n3').kill());
    mesh.advance(10_000);
    const dials = nodes.map(({ transport }) => transport.dialsCount);
    mesh.advance(120_000);
    expect(nodes.map(({ transport }) => transport.dialsCount)).toEqual(dials);
  });

  it('to those who died are tried for an hour at most', () => {
    const mesh = new LittleMesh(14);
    const [n1] = mesh.grow(2) as [LittleNode];
    mesh.node('n2').kill();
    mesh.advance(3_700_000);
    const dials = n1.transport.dialsCount;
    expect(dials).toBeGreaterThan(50);
    mesh.advance(600_000);
    expect(n1.transport.dialsCount).toBe(dials);
    expect(n1.clock.pendingCount).toBe(0);
  });
});

describe('a large mesh', () => {
  it('welcomes who knows all without the table, and who does not with it', () => {
    const mesh = new LittleMesh(21);
    const [n1] = mesh.grow(3) as [LittleNode];
    const { digest } = n1.membership;
    expect(n1.membership.table(digest)).toEqual({ c: [] });
    expect(n1.membership.table('another')).toEqual(n1.membership.table());
    expect((n1.membership.table() as { c: unknown[] }).c).toHaveLength(3);
  });

  it('asks no more for signs of life than a small one', () => {
    const clock = new ManualClock();
    let nudges = 0;
    const closings: string[] = [];
    const connections = new Connections({
      clock,
      silenceMs: 8000,
      nudge: () => nudges++,
      close: (peer) => closings.push(peer),
    });
    for (let index = 0; index < 640; index++) connections.add(`p${index}`).hasIntroduced = true;
    clock.advance(19_000);
    expect([nudges, closings.length]).toEqual([0, 0]);
    clock.advance(2000);
    expect(nudges).toBe(640);
    clock.advance(60_000);
    expect(new Set(closings).size).toBe(640);
    connections.clear();
  });
});

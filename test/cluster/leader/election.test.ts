import { describe, expect, it } from 'vitest';
import { SimulatedMesh } from './simulated-mesh.ts';

const three = ['n1', 'n2', 'n3'];

function threeFounders(seed: number, timing = {}): SimulatedMesh {
  const mesh = new SimulatedMesh({ seed, timing });
  for (const id of three) mesh.start(id, { founding: three });
  mesh.runUntil(() => mesh.leaders().length === 1, 5000);
  mesh.run(1000);
  return mesh;
}

const votersOf = (mesh: SimulatedMesh, id: string) => mesh.nodes.get(id)!.election.config?.voters;

describe('an election', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('comes to an end where every write takes a second or two: seed %i', (seed) => {
    const mesh = new SimulatedMesh({ seed });
    const five = ['n1', 'n2', 'n3', 'n4', 'n5'];
    for (const id of five) mesh.start(id, { founding: five });
    mesh.runUntil(() => mesh.leaders().length === 1, 5000);
    mesh.writeMaxMs = 2000;
    for (let elections = 0; elections < 3; elections++) {
      const [leader] = mesh.leaders();
      mesh.kill(leader!.id);
      mesh.start(leader!.id, { founding: five });
      mesh.run(3000);
      mesh.runUntil(() => mesh.leaders().length === 1, 60_000);
      expect(mesh.leaders()).toHaveLength(1);
    }
    expect(mesh.violations).toEqual([]);
  });
});

describe('founding', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('comes to an end where every write takes a second or two: seed %i', (seed) => {
    const mesh = new SimulatedMesh({ seed });
    mesh.writeMaxMs = 2000;
    const five = ['n1', 'n2', 'n3', 'n4', 'n5'];
    for (const id of five) mesh.start(id, { founding: five });
    mesh.runUntil(() => five.every((id) => votersOf(mesh, id) !== undefined), 60_000);
    expect(five.map((id) => votersOf(mesh, id)?.length)).toEqual([5, 5, 5, 5, 5]);
    expect(mesh.violations).toEqual([]);
  });

  it('makes a node without seeds the leader of a cluster of one, with no timer ticking', () => {
    const mesh = new SimulatedMesh({ seed: 1 });
    const { election, clock } = mesh.start('n1');
    const told: unknown[] = [];
    election.observe({ leaderChanged: (leader, term) => told.push([leader, term]) });
    mesh.run(50);
    expect([election.leader, election.isSelf, election.term, election.config?.voters]).toEqual(['n1', true, 1, ['n1']]);
    expect(clock.pendingCount).toBe(0);
    mesh.run(60_000);
    expect(election.isSelf).toBe(true);
    expect(told).toEqual([['n1', 1]]);
    expect(mesh.violations).toEqual([]);
  });

  it('gives a restarted node that is alone its leadership back at once, in a new term', () => {
    const mesh = new SimulatedMesh({ seed: 1 });
    mesh.start('n1');
    mesh.run(50);
    mesh.kill('n1');
    const { election } = mesh.start('n1');
    mesh.run(50);
    expect([election.isSelf, election.term]).toEqual([true, 2]);
  });

  it('adds a node that names the founder as its seed, which does not found by itself', () => {
    const mesh = new SimulatedMesh({ seed: 2 });
    const second = mesh.start('n2', { founding: ['n1', 'n2'] });
    mesh.run(20_000);
    expect(second.election.config).toBeUndefined();
    expect(second.clock.pendingCount).toBe(0);
    const first = mesh.start('n1');
    mesh.runUntil(() => second.election.config?.voters.length === 2, 2000);
    expect(second.election.leader).toBe('n1');
    expect(first.election.config).toEqual(second.election.config);
    expect(mesh.violations).toEqual([]);
  });

  it('takes all three where each names all three, without waiting when all are there', () => {
    const mesh = new SimulatedMesh({ seed: 3 });
    for (const id of three) mesh.start(id, { founding: three });
    expect(mesh.runUntil(() => mesh.leaders().length === 1, 5000)).toBeLessThan(1500);
    mesh.run(3000);
    expect(three.map((id) => votersOf(mesh, id))).toEqual([three, three, three]);
  });

  it('goes on with two of three, and takes the third in when it comes', () => {
    const mesh = new SimulatedMesh({ seed: 4 });
    for (const id of ['n1', 'n2']) mesh.start(id, { founding: three });
    mesh.runUntil(() => mesh.leaders().length === 1, 10_000);
    expect(votersOf(mesh, 'n1')).toEqual(['n1', 'n2']);
    mesh.start('n3', { founding: three });
    mesh.runUntil(() => votersOf(mesh, 'n3')?.length === 3, 5000);
    expect(mesh.violations).toEqual([]);
  });

  it('needs both of two that name each other, and a majority of five', () => {
    const mesh = new SimulatedMesh({ seed: 5 });
    mesh.start('n1', { founding: ['n1', 'n2'] });
    mesh.start('x1', { founding: ['x1', 'x2', 'x3', 'x4', 'x5'] });
    mesh.start('x2', { founding: ['x1', 'x2', 'x3', 'x4', 'x5'] });
    mesh.run(60_000);
    expect(mesh.leaders()).toEqual([]);
  });
});

describe('a leader that goes', () => {
  it('is followed by another within five seconds', () => {
    const mesh = threeFounders(6);
    mesh.kill(mesh.leaders()[0]!.id);
    expect(mesh.runUntil(() => mesh.leaders().length === 1, 5000)).toBeGreaterThan(0);
    expect(mesh.violations).toEqual([]);
  });

  it('hands over at once when it resigns, and the other is settled by then', () => {
    const mesh = threeFounders(11);
    const leader = mesh.leaders()[0]!;
    let isDone = false;
    leader.election.resign(() => (isDone = true));
    expect(leader.election.isSelf).toBe(false);
    expect(mesh.runUntil(() => isDone, 1000)).toBeLessThan(700);
    expect(mesh.leaders().map(({ id }) => id)).toEqual([leader.election.leader]);
    expect(leader.election.leader).not.toBe(leader.id);
  });

  it('lets a node that has resigned already wait for its successor when it leaves', () => {
    const mesh = threeFounders(11);
    const leader = mesh.leaders()[0]!;
    leader.election.resign(() => undefined);
    const leadersThen: string[][] = [];
    leader.election.resign(() => leadersThen.push(mesh.leaders().map(({ id }) => id)));
    expect(leadersThen).toEqual([]);
    mesh.runUntil(() => leadersThen.length > 0, 1000);
    expect(leadersThen).toEqual([[leader.election.leader]]);
    expect(leader.election.leader).not.toBe(leader.id);
  });

  it('tells whoever waits that nobody took over after a bounded time', () => {
    const mesh = threeFounders(8);
    const leader = mesh.leaders()[0]!;
    mesh.faults = { delayMinMs: 1, delayMaxMs: 2, loss: 1, duplication: 0 };
    let isDone = false;
    leader.election.resign(() => (isDone = true));
    mesh.runUntil(() => isDone, 4000);
    expect(mesh.violations).toEqual([]);
  });

  it('steps down in a minority, and its heir begins only after', () => {
    const mesh = threeFounders(9);
    const leader = mesh.leaders()[0]!;
    mesh.split(
      [leader.id],
      three.filter((id) => id !== leader.id),
    );
    mesh.runUntil(() => mesh.leaders()[0] !== leader, 2000);
    mesh.runUntil(() => mesh.leaders().length === 1, 5000);
    expect(mesh.violations).toEqual([]);
  });

  it('that stood still finds its lease gone when it wakes', () => {
    const mesh = threeFounders(10);
    const leader = mesh.leaders()[0]!;
    leader.clock.frozenUntilMs = mesh.time.nowMs + 6000;
    mesh.run(1600);
    expect(leader.election.leaseLeftMs()).toBe(0);
    mesh.run(8000);
    expect(mesh.leaders()).toHaveLength(1);
    expect(mesh.violations).toEqual([]);
  });
});

describe('the voters', () => {
  it('keep the seat of one who left for a while, and give it back', () => {
    const mesh = threeFounders(11, { leftVoterKeepMs: 5000 });
    const gone = three.find((id) => mesh.leaders()[0]!.id !== id)!;
    mesh.leave(gone);
    mesh.run(4000);
    const { id } = mesh.leaders()[0]!;
    expect(votersOf(mesh, id)).toEqual(three);
    mesh.runUntil(() => votersOf(mesh, id)?.length === 2, 3000);
    mesh.start(gone, { founding: three });
    mesh.runUntil(() => votersOf(mesh, gone)?.length === 3, 5000);
    expect(mesh.violations).toEqual([]);
  });

  it('keep the seat of the dead longer', () => {
    const mesh = threeFounders(12, { leftVoterKeepMs: 1000, deadVoterKeepMs: 20_000 });
    mesh.kill(three.find((id) => mesh.leaders()[0]!.id !== id)!);
    mesh.run(18_000);
    const { id } = mesh.leaders()[0]!;
    expect(votersOf(mesh, id)).toEqual(three);
    mesh.runUntil(() => votersOf(mesh, id)?.length === 2, 6000);
  });

  it('of two give up the one who left at once, so that the other can act', () => {
    const mesh = new SimulatedMesh({ seed: 13 });
    mesh.start('n1');
    mesh.run(100);
    mesh.start('n2', { founding: ['n1', 'n2'] });
    mesh.runUntil(() => votersOf(mesh, 'n2')?.length === 2, 3000);
    // A node without a state file elects nobody yet, itself neither.
    mesh.run(3000);
    let isDone = false;
    mesh.leaders()[0]!.election.resign(() => (isDone = true));
    mesh.runUntil(() => isDone, 2000);
    mesh.leave(mesh.up().find(({ election }) => !election.isSelf)!.id);
    mesh.run(1000);
    expect(mesh.leaders()).toHaveLength(1);
    expect(mesh.leaders()[0]!.election.config?.voters).toEqual([mesh.leaders()[0]!.id]);
    expect(mesh.violations).toEqual([]);
  });

  it('let one go for good by agreement, the leader too, and do not take it in again', () => {
    const mesh = threeFounders(14);
    const leader = mesh.leaders()[0]!;
    const refusals: (string | undefined)[] = [];
    leader.election.removeVoter(leader.id, false, (refusal) => refusals.push(refusal));
    mesh.runUntil(() => refusals.length === 1, 8000);
    expect(refusals).toEqual([undefined]);
    mesh.run(3000);
    expect(mesh.leaders()[0]!.election.config?.voters).toEqual(three.filter((id) => id !== leader.id));
  });

  it('lose nobody for the name of one who has no vote, forced or not', () => {
    const mesh = threeFounders(16);
    const { election } = mesh.leaders()[0]!;
    const { term } = election;
    const refusals: (string | undefined)[] = [];
    for (const isForced of [false, true]) election.removeVoter('n4', isForced, (refusal) => refusals.push(refusal));
    mesh.run(1000);
    expect(refusals).toEqual(['it is no voter', 'it is no voter']);
    expect(election.config).toMatchObject({ term, voters: three });
  });

  it("lose one by a person's word where there is no majority, one step at a time", () => {
    const mesh = threeFounders(15);
    const [last, ...gone] = three as [string, ...string[]];
    for (const id of gone) mesh.kill(id);
    mesh.run(5000);
    const { election } = mesh.nodes.get(last)!;
    const refusals: (string | undefined)[] = [];
    election.removeVoter('n2', false, (refusal) => refusals.push(refusal));
    mesh.run(10);
    expect(refusals).toEqual(['there is no leader']);
    for (const id of gone) election.removeVoter(id, true, (refusal) => refusals.push(refusal));
    mesh.runUntil(() => election.isSelf, 1000);
    expect(refusals).toEqual(['there is no leader', undefined, undefined]);
    expect(election.config?.voters).toEqual([last]);
    for (const id of gone) mesh.start(id, { founding: three });
    mesh.runUntil(() => gone.every((id) => votersOf(mesh, id)?.length === 3), 10_000);
    expect(mesh.violations).toEqual([]);
  });

  it('take a voter back that lost its disk and founded anew', () => {
    const mesh = new SimulatedMesh({ seed: 16 });
    mesh.start('n1');
    mesh.run(100);
    mesh.start('n2', { founding: ['n1', 'n2'] });
    mesh.runUntil(() => votersOf(mesh, 'n2')?.length === 2, 3000);
    const before = mesh.nodes.get('n2')!.election.config?.clusterId;
    mesh.kill('n1');
    mesh.wipe('n1');
    mesh.start('n1');
    mesh.runUntil(() => mesh.nodes.get('n1')!.election.config?.clusterId === before, 3000);
    mesh.runUntil(() => mesh.leaders().length === 1, 10_000);
    expect(votersOf(mesh, 'n1')).toEqual(['n1', 'n2']);
  });
});

describe('two clusters that meet', () => {
  it('become one: the smaller gives way, and all get a vote', () => {
    for (let seed = 20; seed < 40; seed++) {
      const mesh = new SimulatedMesh({ seed });
      const others = ['x1', 'x2'];
      for (const id of three) mesh.start(id, { founding: three });
      mesh.start('x1');
      mesh.split(three, others);
      mesh.runUntil(() => mesh.leaders().length === 2, 10_000);
      mesh.start('x2', { founding: others });
      mesh.run(5000);
      const kept = mesh.nodes.get('n1')!.election.config?.clusterId;
      mesh.heal();
      const all = [...three, ...others];
      mesh.runUntil(() => all.every((id) => votersOf(mesh, id)?.length === 5), 20_000);
      expect(all.map((id) => mesh.nodes.get(id)!.election.config?.clusterId)).toEqual(all.map(() => kept));
      expect(mesh.violations).toEqual([]);
    }
  });

  it('of one node each become one', () => {
    const mesh = new SimulatedMesh({ seed: 41 });
    mesh.start('n1');
    mesh.start('x1');
    mesh.runUntil(() => votersOf(mesh, 'n1')?.length === 2 && votersOf(mesh, 'x1')?.length === 2, 5000);
    expect(mesh.leaders()).toHaveLength(1);
  });
});

describe('the policy of availability', () => {
  it('lets the lowest id alive lead, in ever newer terms, and both halves of a split', () => {
    const mesh = new SimulatedMesh({ seed: 50 });
    for (const id of three) mesh.start(id, { founding: three, policy: 'available' });
    mesh.run(3000);
    expect(three.map((id) => mesh.nodes.get(id)!.election.leader)).toEqual(['n1', 'n1', 'n1']);
    const before = mesh.nodes.get('n3')!.election.term;
    mesh.kill('n1');
    mesh.run(3000);
    expect(mesh.leaders().map(({ id }) => id)).toEqual(['n2']);
    expect(mesh.nodes.get('n3')!.election.term).toBeGreaterThan(before);
    mesh.split(['n2'], ['n3']);
    mesh.run(3000);
    expect(mesh.leaders().map(({ id }) => id)).toEqual(['n2', 'n3']);
    mesh.heal();
    mesh.run(1000);
    expect(mesh.leaders().map(({ id }) => id)).toEqual(['n2']);
    expect(mesh.nodes.get('n2')!.election.term).toBeGreaterThan(mesh.nodes.get('n3')!.election.term - 1);
    const done: unknown[] = [];
    mesh.nodes.get('n2')!.election.resign(() => done.push('resigned'));
    mesh.nodes.get('n2')!.election.removeVoter('n3', false, (refusal) => done.push(refusal));
    expect(done).toEqual(['resigned', undefined]);
  });
});

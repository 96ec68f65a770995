import { describe, expect, it } from 'vitest';
import type { Grant, IntentRefusal } from '../../../cluster/intents/contract.ts';
import { SimulatedMesh, type SimulatedNode } from '../leader/simulated-mesh.ts';

const three = ['n1', 'n2', 'n3'];
const doubtMs = 10_000;
const budgetMs = 3000;

function threeVoters(seed: number): SimulatedMesh {
  const mesh = new SimulatedMesh({ seed, timing: { doubtMs } });
  for (const id of three) mesh.start(id, { founding: three });
  mesh.runUntil(() => mesh.leaders().length === 1, 5000);
  mesh.run(1000);
  return mesh;
}

function begin(mesh: SimulatedMesh, node: SimulatedNode, generation: string, key = 'token/q1'): Grant | IntentRefusal {
  const results: (Grant | IntentRefusal)[] = [];
  node.intents.begin({ key, generation, budgetMs }, (result) => results.push(result));
  mesh.runUntil(() => results.length > 0, 10_000);
  return results[0]!;
}

function granted(mesh: SimulatedMesh, node: SimulatedNode, generation: string): Grant {
  const result = begin(mesh, node, generation);
  if (typeof result === 'string') throw new Error(`Refused: ${result}`);
  return result;
}

function spend(mesh: SimulatedMesh, grant: Grant): void {
  let isDone = false;
  grant.spent(() => (isDone = true));
  mesh.runUntil(() => isDone, 5000);
}

describe('an intent', () => {
  it('is granted to a node alone, and again for what comes next', () => {
    const mesh = new SimulatedMesh({ seed: 1 });
    const node = mesh.start('n1');
    mesh.run(100);
    const grant = granted(mesh, node, 'a');
    expect([grant.key, grant.generation, grant.mayBegin()]).toEqual(['token/q1', 'a', true]);
    spend(mesh, grant);
    expect(grant.mayBegin()).toBe(false);
    expect(begin(mesh, node, 'a')).toBe('spent');
    expect(granted(mesh, node, 'b').fence).toEqual({ term: 1, sequence: 3 });
    mesh.run(10_000);
    expect(node.clock.pendingCount).toBe(0);
  });

  it('is refused to who does not lead', () => {
    const mesh = threeVoters(2);
    const follower = mesh.up().find(({ election }) => !election.isSelf)!;
    expect(begin(mesh, follower, 'a')).toBe('not_leader');
  });

  it('keeps its key until it is settled, its own holder out too', () => {
    const mesh = threeVoters(3);
    const leader = mesh.leaders()[0]!;
    const grant = granted(mesh, leader, 'a');
    expect(begin(mesh, leader, 'a')).toBe('busy');
    expect(begin(mesh, leader, 'b')).toBe('busy');
    grant.released();
    expect(grant.mayBegin()).toBe(false);
    mesh.run(500);
    spend(mesh, granted(mesh, leader, 'a'));
    expect(begin(mesh, leader, 'a')).toBe('spent');
    spend(mesh, granted(mesh, leader, 'b'));
    expect(begin(mesh, leader, 'a')).toBe('spent');
  });

  it('of a leader that died is busy, then in doubt, then free; the next leader knows of it', () => {
    const mesh = threeVoters(4);
    const first = mesh.leaders()[0]!;
    const { fence } = granted(mesh, first, 'a');
    mesh.kill(first.id);
    mesh.runUntil(() => mesh.leaders().length === 1, 6000);
    const second = mesh.leaders()[0]!;
    expect(second.intents.doubtful('token/q1')).toEqual({ key: 'token/q1', generation: 'a', holder: first.id, fence });
    expect(['busy', 'doubt']).toContain(begin(mesh, second, 'a'));
    mesh.run(budgetMs + mesh.timing.electionMinMs);
    expect(begin(mesh, second, 'a')).toBe('doubt');
    mesh.run(doubtMs);
    spend(mesh, granted(mesh, second, 'a'));
    expect(second.intents.doubtful('token/q1')).toBeUndefined();
    expect(mesh.violations).toEqual([]);
  });

  it('waits its whole budget anew at a voter that restarted, whatever its wall clock says', () => {
    const mesh = threeVoters(5);
    const first = mesh.leaders()[0]!;
    granted(mesh, first, 'a');
    mesh.run(4000);
    for (const id of three) mesh.kill(id);
    for (const id of three) mesh.start(id, { founding: three }).clock.wallOffsetMs += 86_400_000;
    mesh.runUntil(() => mesh.leaders().length === 1, 8000);
    expect(begin(mesh, mesh.leaders()[0]!, 'a')).toBe('busy');
  });

  it('may not be begun late, nor by a leader that lost its lease', () => {
    const mesh = threeVoters(6);
    const leader = mesh.leaders()[0]!;
    const grant = granted(mesh, leader, 'a');
    mesh.run(mesh.timing.leaseMs - 100);
    expect(grant.mayBegin()).toBe(true);
    mesh.run(200);
    expect(leader.election.isSelf).toBe(true);
    expect(grant.mayBegin()).toBe(false);
    grant.released();
    mesh.run(500);
    const next = granted(mesh, leader, 'a');
    leader.election.resign(() => undefined);
    expect(next.mayBegin()).toBe(false);
  });

  it('is refused without a majority, and taken back where it was noted', () => {
    const mesh = threeVoters(7);
    const leader = mesh.leaders()[0]!;
    const results: unknown[] = [];
    mesh.split(
      [leader.id],
      three.filter((id) => id !== leader.id),
    );
    leader.intents.begin({ key: 'token/q1', generation: 'a', budgetMs }, (result) => results.push(result));
    mesh.run(3000);
    expect(results).toEqual(['no_majority']);
    mesh.heal();
    mesh.run(8000);
    spend(mesh, granted(mesh, mesh.leaders()[0]!, 'a'));
    expect(mesh.violations).toEqual([]);
  });

  it('is not granted by a voter whose disk refuses', () => {
    const mesh = threeVoters(8);
    const leader = mesh.leaders()[0]!;
    mesh.failingDisks.add(leader.id);
    expect(begin(mesh, leader, 'a')).toBe('not_durable');
    mesh.failingDisks.clear();
    for (const id of three) if (id !== leader.id) mesh.failingDisks.add(id);
    expect(begin(mesh, leader, 'b', 'token/q2')).toBe('not_durable');
  });
});

describe('that a generation is spent', () => {
  it('is told to a majority also by one who leads no more, and outlives its restart', () => {
    const mesh = threeVoters(9);
    const first = mesh.leaders()[0]!;
    const grant = granted(mesh, first, 'a');
    mesh.split(
      [first.id],
      three.filter((id) => id !== first.id),
    );
    let isDone = false;
    grant.spent(() => (isDone = true));
    mesh.run(6000);
    expect(isDone).toBe(false);
    mesh.kill(first.id);
    mesh.heal();
    mesh.start(first.id, { founding: three });
    mesh.run(8000);
    for (const node of mesh.up()) expect(node.intents.doubtful('token/q1')).toBeUndefined();
    expect(begin(mesh, mesh.leaders()[0]!, 'a')).toBe('spent');
  });

  it('is carried to every next set of voters', () => {
    const mesh = new SimulatedMesh({ seed: 10, timing: { deadVoterKeepMs: 1000, leftVoterKeepMs: 1000 } });
    mesh.start('n1');
    mesh.run(100);
    spend(mesh, granted(mesh, mesh.nodes.get('n1')!, 'a'));
    const all = ['n1', 'n2', 'n3', 'n4', 'n5'];
    for (const id of all.slice(1)) mesh.start(id, { founding: ['n1', id] });
    mesh.runUntil(() => mesh.up().every(({ election }) => election.config?.voters.length === 5), 10_000);
    mesh.run(4000);
    for (const id of ['n1', 'n2', 'n3']) {
      mesh.leave(id);
      mesh.runUntil(() => mesh.leaders()[0]?.election.config?.voters.includes(id) === false, 20_000);
    }
    mesh.run(1000);
    expect(mesh.leaders()[0]!.election.config?.voters).toEqual(['n4', 'n5']);
    expect(begin(mesh, mesh.leaders()[0]!, 'a')).toBe('spent');
  });

  it('is learnt again by a voter that lost its disk', () => {
    const mesh = threeVoters(11);
    spend(mesh, granted(mesh, mesh.leaders()[0]!, 'a'));
    mesh.run(1000);
    const lost = three.find((id) => id !== mesh.leaders()[0]!.id)!;
    mesh.kill(lost);
    mesh.wipe(lost);
    mesh.start(lost, { founding: three });
    mesh.run(6000);
    begin(mesh, mesh.leaders()[0]!, 'b');
    mesh.run(2000);
    const other = three.find((id) => id !== lost && id !== mesh.leaders()[0]!.id)!;
    mesh.kill(other);
    expect(begin(mesh, mesh.leaders()[0]!, 'a')).toBe('spent');
    expect([...mesh.diskOf(lost)!.intents.values()].flat().map(({ generation }) => generation)).toContain('a');
  });
});

describe('a founder', () => {
  it('knows that nothing can have been noted before, so that another may be gone before there is a leader', () => {
    const mesh = new SimulatedMesh({ seed: 16, timing: { doubtMs } });
    const nodes = three.map((id) => mesh.start(id, { founding: three }));
    mesh.runUntil(() => nodes.every(({ election }) => election.config !== undefined), 5000);
    mesh.kill(mesh.leaders()[0]?.id ?? 'n3');
    mesh.runUntil(() => mesh.leaders().length === 1, 10_000);
    mesh.run(1000);
    expect(granted(mesh, mesh.leaders()[0]!, 'a').mayBegin()).toBe(true);
  });
});

describe('a voter that lost its disk', () => {
  it('is taught while nothing happens, so that the next leader may act without the one before', () => {
    const mesh = threeVoters(14);
    spend(mesh, granted(mesh, mesh.leaders()[0]!, 'a'));
    const lost = mesh.up().find(({ election }) => !election.isSelf);
    mesh.kill(lost!.id);
    mesh.wipe(lost!.id);
    mesh.start(lost!.id, { founding: three });
    mesh.run(6000);
    mesh.kill(mesh.leaders()[0]!.id);
    mesh.runUntil(() => mesh.leaders().length === 1, 10_000);
    mesh.run(1000);
    expect(begin(mesh, mesh.leaders()[0]!, 'a')).toBe('spent');
    expect(begin(mesh, mesh.leaders()[0]!, 'b')).not.toBe('no_majority');
  });

  it.each(['leader', 'follower'] as const)(
    'and one that is gone keep others from acting until a person tells the %s to take that one out',
    (told) => {
      const mesh = threeVoters(18);
      const gone = mesh.leaders()[0]!;
      const lost = mesh.up().find(({ election }) => !election.isSelf)!;
      mesh.kill(lost.id);
      mesh.wipe(lost.id);
      mesh.kill(gone.id);
      mesh.start(lost.id, { founding: three });
      mesh.runUntil(() => mesh.leaders().length === 1, 20_000);
      mesh.run(3000);
      expect(begin(mesh, mesh.leaders()[0]!, 'a')).toBe('no_majority');
      const asked = mesh.up().find(({ election }) => election.isSelf === (told === 'leader'))!;
      const answers: (string | undefined)[] = [];
      asked.election.removeVoter(gone.id, true, (refusal) => answers.push(refusal));
      mesh.runUntil(() => answers.length > 0, 20_000);
      mesh.runUntil(() => mesh.leaders().length === 1, 20_000);
      mesh.run(1000);
      expect(answers).toEqual([undefined]);
      expect(typeof begin(mesh, mesh.leaders()[0]!, 'a')).toBe('object');
    },
  );

  it('is taught although its disk refused at first', () => {
    const mesh = threeVoters(15);
    spend(mesh, granted(mesh, mesh.leaders()[0]!, 'a'));
    const lost = mesh.up().find(({ election }) => !election.isSelf);
    mesh.kill(lost!.id);
    mesh.wipe(lost!.id);
    const node = mesh.start(lost!.id, { founding: three });
    mesh.runUntil(() => node.election.config !== undefined, 5000);
    mesh.failingDisks.add(lost!.id);
    mesh.run(5000);
    mesh.failingDisks.delete(lost!.id);
    mesh.run(5000);
    expect([...mesh.diskOf(lost!.id)!.intents.values()].flat().map(({ generation }) => generation)).toContain('a');
  });
});

describe('messages that no honest member sends', () => {
  const intent = {
    key: 'token/q1',
    generation: 'a',
    holder: 'n2',
    fence: { term: 1, sequence: 1 },
    state: 'intended',
    notedAtMs: 1,
    budgetMs: 1000,
  };
  it.each([
    ['note', null],
    ['note', { config: 'c', intent: { ...intent, holder: 'n3' } }],
    ['note', { config: 'c', intent: { ...intent, state: 'spent' } }],
    ['note', { config: 'c', intent: { ...intent, fence: { term: 1, sequence: 0.5 } } }],
    ['note', { config: 'c', intent: { ...intent, budgetMs: 1e12 } }],
    ['note', { config: 'c', intent: { ...intent, key: '' } }],
    ['keep', { intents: Array.from({ length: 501 }, () => intent) }],
    ['keep', { intents: [{ ...intent, state: 'perhaps' }] }],
    ['keep', { intents: [{ ...intent, generation: 'x'.repeat(600) }] }],
    ['read', { config: 7 }],
  ])('are refused and change nothing: %s %#', (service, body) => {
    const mesh = threeVoters(12);
    const [victim, sender] = [mesh.nodes.get('n1')!, mesh.nodes.get('n2')!];
    let answered = false;
    sender.post.ask('n1', `intents/${service}`, body, 500, (answer) => (answered = answer !== undefined));
    mesh.run(600);
    expect(victim.post.refused).toEqual(['bad_intent_message']);
    expect([answered, victim.intents.doubtful('token/q1')]).toEqual([false, undefined]);
  });
});

describe('what a member invents about acts', () => {
  it.each([
    ['in a term that nobody was elected in', { term: 900_000, state: 'spent' }],
    ['in the present term, as if it had led', { term: undefined, state: 'released' }],
    ['as its own and unfinished, of long ago', { term: 0, state: 'intended' }],
  ] as const)('%s keeps no leader from acting', (_name, { term, state }) => {
    const mesh = threeVoters(14);
    const leader = mesh.leaders()[0]!;
    const [liar, ...others] = mesh.up().filter((node) => node !== leader);
    const fence = { term: term ?? leader.election.term, sequence: 1_000_000 };
    const intent = {
      key: 'token/q1',
      generation: 'x',
      holder: liar!.id,
      fence,
      state,
      notedAtMs: 1,
      budgetMs: 500_000,
    };
    for (const { id } of [leader, ...others]) {
      liar!.post.ask(id, 'intents/keep', { intents: [intent], isAll: true }, 500, () => undefined);
    }
    mesh.run(600);
    expect(begin(mesh, leader, 'a')).toMatchObject({ fence: { term: leader.election.term } });
  });
});

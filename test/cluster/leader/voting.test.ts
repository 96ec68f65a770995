import { describe, expect, it } from 'vitest';
import { timings } from '../../../cluster/timing.ts';
import { acknowledgement, configOf, ScriptedNode, timing } from './scripted-node.ts';

const voters = ['n1', 'n2', 'n3'];
const config = configOf(voters, 4, 2);
const kept = { term: 5, votedFor: undefined, config };

function patientVoter(options = {}): ScriptedNode {
  const node = new ScriptedNode('n1', ['n2', 'n3', 'n4'], { kept, ...options });
  node.election.start();
  node.clock.advance(timing.electionMinMs);
  node.sent.length = 0;
  return node;
}

const ask = (node: ScriptedNode, from: string, request: object) => {
  node.hear(from, 'ask', { term: 6, isPre: false, config, ...request });
  return node.take('vote').map(({ to, body }) => [to, body['isGranted']]);
};

describe('a voter', () => {
  it('gives one vote a term, the same again when it is asked again', () => {
    const node = patientVoter();
    expect(ask(node, 'n2', {})).toEqual([['n2', true]]);
    expect(ask(node, 'n3', {})).toEqual([['n3', false]]);
    expect(ask(node, 'n2', {})).toEqual([['n2', true]]);
    expect(ask(node, 'n3', { term: 7 })).toEqual([['n3', true]]);
    expect(ask(node, 'n2', { term: 6 })).toEqual([['n2', false]]);
  });

  it('remembers its vote after a restart', () => {
    const before = patientVoter();
    ask(before, 'n2', {});
    const node = patientVoter({ kept: before.saved.at(-1) });
    expect(ask(node, 'n3', {})).toEqual([['n3', false]]);
  });

  it('answers only once its vote is on disk, and not at all when the disk refuses', () => {
    const node = patientVoter();
    node.heldWrites = [];
    expect(ask(node, 'n2', {})).toEqual([]);
    node.heldWrites.shift()?.();
    expect(node.take('vote').map(({ body }) => body['isGranted'])).toEqual([true]);
    expect(ask(node, 'n2', { term: 7 })).toEqual([]);
    node.heldWrites.shift()?.(new Error('disk full'));
    expect(node.take('vote')).toEqual([]);
    expect(node.election.term).toBe(6);
  });

  it('is bound by no pre-vote', () => {
    const node = patientVoter();
    expect(ask(node, 'n2', { isPre: true })).toEqual([['n2', true]]);
    expect(node.election.term).toBe(5);
    expect(ask(node, 'n3', {})).toEqual([['n3', true]]);
  });

  it('refuses whoever has an older configuration, and tells it the newer one', () => {
    const node = patientVoter();
    node.hear('n2', 'ask', { term: 6, isPre: false, config: configOf(voters, 4, 1) });
    const [vote] = node.take('vote');
    expect(vote?.body).toMatchObject({ isGranted: false, config });
  });

  it('elects nobody while it heard a leader a short while ago', () => {
    const node = patientVoter();
    node.hear('n3', 'heartbeat', { term: 5, sequence: 1, config });
    expect(node.election.leader).toBe('n3');
    node.clock.advance(timing.electionMinMs - 1);
    expect(ask(node, 'n2', {})).toEqual([['n2', false]]);
    expect(ask(node, 'n2', { isPre: true })).toEqual([['n2', false]]);
    node.clock.advance(1);
    expect(ask(node, 'n2', {})).toEqual([['n2', true]]);
  });

  it('elects nobody so soon after its start, and without its file for as long as an election takes', () => {
    const node = new ScriptedNode('n1', ['n2'], { kept });
    node.election.start();
    node.clock.advance(timing.electionMinMs - 1);
    expect(ask(node, 'n2', {})).toEqual([['n2', false]]);
    const fresh = new ScriptedNode('n1', ['n2', 'n3'], { voters });
    fresh.election.start();
    fresh.clock.advance(timing.electionMaxMs - 1);
    const fixed = fresh.election.config;
    expect(ask(fresh, 'n2', { config: fixed })).toEqual([['n2', false]]);
    fresh.clock.advance(1);
    expect(ask(fresh, 'n2', { config: fixed })).toEqual([['n2', true]]);
  });

  it('elects the one for whom the leader gave up at once, in the next term and in no other', () => {
    const node = patientVoter();
    node.hear('n3', 'heartbeat', { term: 5, sequence: 1, config });
    expect(ask(node, 'n2', { term: 7, transferTerm: 5 })).toEqual([['n2', false]]);
    expect(ask(node, 'n2', { term: 5, transferTerm: 4 })).toEqual([['n2', false]]);
    expect(ask(node, 'n2', { term: 6, transferTerm: 5 })).toEqual([['n2', true]]);
    node.hear('n2', 'heartbeat', { term: 6, sequence: 1, config });
    expect(ask(node, 'n3', { term: 6, transferTerm: 5 })).toEqual([['n3', false]]);
  });

  it('acknowledges no leader of an older term, and tells it the newer one', () => {
    const node = patientVoter();
    node.hear('n3', 'heartbeat', { term: 4, sequence: 1, config });
    expect(node.take('ack')[0]?.body).toMatchObject({ term: 5, sequence: undefined });
    expect(node.election.leader).toBeUndefined();
  });
});

describe('messages that no honest member sends', () => {
  const bad: readonly [string, unknown][] = [
    ['heartbeat', undefined],
    ['heartbeat', { term: -1, sequence: 1, config }],
    ['heartbeat', { term: 6, sequence: 1, config: configOf(['n3'], 4, 3) }],
    ['heartbeat', { term: 6, sequence: 1, config: configOf([], 4, 3) }],
    ['heartbeat', { term: 6, sequence: 1, config: configOf(['n2', 'n2'], 4, 3) }],
    [
      'heartbeat',
      {
        term: 6,
        sequence: 1,
        config: configOf(
          Array.from({ length: 10 }, (_, at) => `m${at}`),
          4,
          3,
        ),
      },
    ],
    ['heartbeat', { term: 6, sequence: 1, config: { ...config, clusterId: 'x'.repeat(1000) } }],
    ['ask', { term: 6.5, config }],
    ['ask', { term: 6, config: configOf(['n3', 'n4'], 4, 3) }],
    ['vote', { asked: '6', term: 5 }],
    ['ack', { term: 5, sequence: Number.NaN }],
    ['transfer', { term: null }],
    ['config', 'c1'],
    ['founding', { step: 'crown', set: 's', address: 'a', term: 1 }],
  ];
  it.each(bad.map(([kind, body], index) => ({ kind, body, index })))(
    'are refused with a fault: $index, $kind',
    ({ kind, body }) => {
      const node = patientVoter();
      expect(() => node.hear('n2', kind, body)).toThrow(expect.objectContaining({ code: 'bad_election_message' }));
      expect(node.election.term).toBe(5);
      expect(node.election.config).toEqual(config);
      expect(node.saved).toEqual([]);
    },
  );

  it.each([
    ['heartbeat', { term: 3_000_000, sequence: 1, config }],
    ['heartbeat', { term: 6, sequence: 1, config: configOf(['n2', 'n3'], 3_000_000, 1) }],
    ['vote', { asked: 6, term: 3_000_000, isPre: true, isGranted: false }],
    ['ask', { term: 3_000_000, config }],
  ])(
    'of a term far ahead are not believed, but their term is neared: a member may have been lied there: %s',
    (kind, body) => {
      const node = patientVoter();
      node.hear('n2', kind, body);
      expect(node.election.term).toBe(5 + 1_000_000);
      expect(node.election.leader).toBeUndefined();
      expect(node.election.config).toEqual(config);
      node.hear('n2', kind, body);
      expect(node.election.term).toBe(5 + 2_000_000);
    },
  );

  it('of a node that is no live member are not believed', () => {
    const node = patientVoter();
    node.hear('stranger', 'heartbeat', { term: 9, sequence: 1, config: configOf(['stranger'], 9, 9) });
    node.hear('stranger', 'ask', { term: 9, config: configOf(['stranger'], 9, 9) });
    expect(node.election.term).toBe(5);
    expect(node.sent).toEqual([]);
  });

  it('a vote of one who is no voter does not count', () => {
    const node = new ScriptedNode('n1', ['n2', 'n3', 'n4', 'n5'], { kept });
    node.election.start();
    node.becomeLeader(['n4', 'n5']);
    for (const from of ['n4', 'n5']) {
      node.hear(from, 'vote', { asked: 6, term: 6, isPre: true, isGranted: true });
      node.hear(from, 'vote', { asked: 6, term: 6, isPre: false, isGranted: true });
    }
    expect(node.election.electionsWon).toBe(0);
  });
});

describe('a leader', () => {
  const lead = (options = {}) => {
    const node = new ScriptedNode('n1', ['n2', 'n3', 'n4', 'n5'], { kept, ...options });
    node.election.start();
    node.becomeLeader(['n2']);
    node.clock.advance(timing.heartbeatMs);
    return node;
  };
  const heartbeats = (node: ScriptedNode) => node.take('heartbeat').filter(({ to }) => to === 'n2');

  it('writes its configuration with its own term before it says anything', () => {
    const node = lead();
    const beats = heartbeats(node);
    expect(beats.length).toBeGreaterThan(0);
    expect(beats[0]?.body['config']).toEqual(configOf(voters, 6, 2));
    expect(node.saved.at(-1)?.config).toEqual(configOf(voters, 6, 2));
  });

  it('acts only while a majority acknowledges, counted from when it sent', () => {
    const node = lead();
    expect(node.election.isSelf).toBe(false);
    const beat = heartbeats(node).at(-1)!;
    node.clock.advance(500);
    node.hear('n2', 'ack', acknowledgement(beat));
    expect(node.election.leader).toBe('n1');
    expect(node.election.leaseLeftMs()).toBeCloseTo(timing.leaseMs - 500);
    node.clock.advance(timing.leaseMs - 500);
    expect(node.election.leaseLeftMs()).toBe(0);
    expect(node.election.leader).toBeUndefined();
  });

  it('holds its lease no longer than a voter has patience whose network is called nearer', () => {
    const node = lead({ timing: { ...timings.wan, heartbeatMs: timing.heartbeatMs } });
    const beat = heartbeats(node).at(-1)!;
    node.hear('n2', 'ack', { ...acknowledgement(beat), patienceMs: timings.lan.electionMinMs });
    expect(node.election.isSelf).toBe(true);
    expect(node.election.leaseLeftMs()).toBeLessThan(timings.lan.electionMinMs);
    const follower = patientVoter();
    follower.hear('n2', 'heartbeat', { term: 6, sequence: 1, isSettled: true, config: configOf(voters, 6, 2) });
    expect(follower.take('ack').map(({ body }) => body['patienceMs'])).toEqual([timing.electionMinMs]);
  });

  it('holds no lease over the time that the machine slept, and none longer for a clock set back', () => {
    const node = lead();
    node.hear('n2', 'ack', acknowledgement(heartbeats(node).at(-1)!));
    const leftMs = node.election.leaseLeftMs();
    node.clock.jumpWall(-3_600_000);
    expect(node.election.leaseLeftMs()).toBe(leftMs);
    node.clock.jumpWall(3_600_000 + 60_000);
    expect(node.election.leaseLeftMs()).toBe(0);
    node.clock.advance(timing.heartbeatMs);
    node.hear('n2', 'ack', acknowledgement(heartbeats(node).at(-1)!));
    expect(node.election.isSelf).toBe(true);
  });

  it('changes the voters by one, and again only when a majority has the change in its term', () => {
    const node = lead();
    const first = heartbeats(node).at(-1)!;
    for (const from of ['n4', 'n5']) node.hear(from, 'ack', acknowledgement(first));
    expect(node.election.config?.voters).toEqual(voters);
    node.hear('n2', 'ack', acknowledgement(first));
    expect(node.election.config).toEqual(configOf([...voters, 'n4'], 6, 3));
    const beat = heartbeats(node).at(-1)!;
    for (const from of ['n2', 'n3', 'n4', 'n5']) node.hear(from, 'ack', acknowledgement(beat, configOf(voters, 6, 2)));
    expect(node.election.config?.voters).toEqual([...voters, 'n4']);
    for (const from of ['n2', 'n3']) node.hear(from, 'ack', acknowledgement(beat));
    expect(node.election.config).toEqual(configOf([...voters, 'n4', 'n5'], 6, 4));
  });

  it.each([
    ['none', null],
    ['the one before it was elected', config],
    ['the same version of an older term', configOf([...voters, 'n4'], 5, 3)],
    ['an older version of its term', configOf(voters, 6, 2)],
  ])('counts no acknowledgement of a voter that has another configuration: %s', (_name, installed) => {
    const node = lead();
    const first = heartbeats(node).at(-1)!;
    node.hear('n4', 'ack', acknowledgement(first));
    // A lease it has, from any acknowledgement; the right to change the voters only from those of its configuration.
    node.hear('n3', 'ack', {
      ...acknowledgement(first),
      config: installed?.version === 3 ? null : configOf(voters, 4, 2),
    });
    expect(node.election.isSelf).toBe(true);
    expect(node.election.config).toEqual(configOf(voters, 6, 2));
    node.hear('n2', 'ack', acknowledgement(first));
    expect(node.election.config).toEqual(configOf([...voters, 'n4'], 6, 3));
    const beat = heartbeats(node).at(-1)!;
    node.hear('n5', 'ack', acknowledgement(beat));
    for (const from of ['n2', 'n3', 'n4']) node.hear(from, 'ack', { ...acknowledgement(beat), config: installed });
    expect(node.election.isSelf).toBe(true);
    expect(node.election.config).toEqual(configOf([...voters, 'n4'], 6, 3));
    for (const from of ['n2', 'n3']) node.hear(from, 'ack', acknowledgement(beat));
    expect(node.election.config).toEqual(configOf([...voters, 'n4', 'n5'], 6, 4));
  });

  it('changes no voters that a person named', () => {
    const node = new ScriptedNode('n1', ['n2', 'n3', 'n4'], { voters });
    node.election.start();
    node.becomeLeader(['n2']);
    node.clock.advance(timing.heartbeatMs);
    const before = node.election.config;
    const beat = heartbeats(node).at(-1)!;
    for (const from of ['n2', 'n3', 'n4']) node.hear(from, 'ack', acknowledgement(beat));
    expect(node.election.isSelf).toBe(true);
    expect(node.election.config).toEqual(before);
    const refusals: (string | undefined)[] = [];
    node.election.removeVoter('n3', false, (refusal) => refusals.push(refusal));
    node.election.removeVoter('n3', true, (refusal) => refusals.push(refusal));
    expect(refusals).toEqual(['the voters are named in the settings', 'the voters are named in the settings']);
  });

  it('asks whoever guards what the voters know before it changes them', () => {
    const node = new ScriptedNode('n1', ['n2', 'n3', 'n4'], { kept });
    let isCarried = false;
    const asked: unknown[] = [];
    node.election.guardChanges((each) => {
      asked.push(each);
      return isCarried;
    });
    node.election.start();
    node.becomeLeader(['n2']);
    const follow = () => {
      node.clock.advance(timing.heartbeatMs);
      const beat = heartbeats(node).at(-1)!;
      for (const from of ['n2', 'n4']) node.hear(from, 'ack', acknowledgement(beat));
    };
    follow();
    expect(asked.length).toBeGreaterThan(0);
    expect(node.election.config?.voters).toEqual(voters);
    isCarried = true;
    follow();
    expect(node.election.config?.voters).toEqual([...voters, 'n4']);
  });

  it('gives its lease up before it tells another to stand', () => {
    const node = lead();
    node.hear('n2', 'ack', acknowledgement(heartbeats(node).at(-1)!));
    let isDone = false;
    node.election.resign(() => (isDone = true));
    expect(node.election.isSelf).toBe(false);
    expect(node.take('transfer')).toEqual([{ to: 'n2', kind: 'leader/transfer', body: { term: 6 } }]);
    const late = acknowledgement({
      to: 'n2',
      kind: '',
      body: { term: 6, sequence: 1, config: configOf(voters, 6, 2) },
    });
    for (const from of ['n2', 'n3']) node.hear(from, 'ack', late);
    expect(node.election.isSelf).toBe(false);
    expect(isDone).toBe(false);
    node.hear('n2', 'heartbeat', { term: 7, sequence: 1, isSettled: true, config: configOf(voters, 7, 2) });
    expect(isDone).toBe(true);
  });

  it('steps down before a newer term', () => {
    const node = lead();
    node.hear('n2', 'ack', acknowledgement(heartbeats(node).at(-1)!));
    node.hear('n3', 'ack', { term: 9, config });
    expect(node.election.isSelf).toBe(false);
    expect(node.election.term).toBe(9);
  });
});

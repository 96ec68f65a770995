import { beforeEach, describe, expect, test } from 'vitest';
import type { ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import { Secret } from '../../../kit/secret.ts';
import type { RefreshOutcome } from '../../../node/tokens/contract.ts';
import { configuredToken } from '../../../node/tokens/held-token.ts';
import { TokenBoard } from '../../../node/tokens/token-board.ts';
import { tokenPayload } from '../../../node/tokens/token-record.ts';
import { meshOf } from '../../cluster/state-mesh/state-mesh.ts';
import { ManualClock } from '../../manual-clock.ts';
import { aheadStamp, doubtMs, FakeCluster } from './fake-cluster.ts';
import { FakeService, keepingLog, login, pass, settle, tokenNode, type TokenNode } from './token-node.ts';

let clock: ManualClock;
let cluster: FakeCluster;
let service: FakeService;
let lines: string[];

beforeEach(() => {
  clock = new ManualClock();
  cluster = new FakeCluster(clock);
  service = new FakeService();
  lines = [];
});

async function threeNodes(from: Pick<FakeService, 'client'> = service): Promise<[TokenNode, TokenNode, TokenNode]> {
  const log = keepingLog(lines);
  const nodes = [
    await tokenNode(cluster, 'a', from, { log }),
    await tokenNode(cluster, 'b', from),
    await tokenNode(cluster, 'c', from),
  ] as [TokenNode, TokenNode, TokenNode];
  cluster.elect('a');
  await settle();
  return nodes;
}

function accessOf(nodes: readonly TokenNode[]): (string | undefined)[] {
  return nodes.map(({ source }) => source.current());
}

function recordOf({ member }: TokenNode): ReplicatedRecord {
  return structuredClone(member.kept.get('q1')!);
}

/** What a node learns that has nothing but the records of the others. */
async function joinerHas(): Promise<string | undefined> {
  const [some] = cluster.members.values();
  cluster.join('joiner').kept.set('q1', structuredClone(some!.kept.get('q1')!));
  return (await tokenNode(cluster, 'joiner', service)).source.current();
}

const strays: [string, Partial<ReplicatedRecord>][] = [
  ['garbage', {}],
  ['a deletion', { isDeleted: true, payload: undefined }],
  ['no sealed text', { payload: { sealed: 5 } }],
  ['what another secret sealed', { payload: { sealed: 'AAAA' } }],
  ['the word of a login that nobody refused', { payload: { needs_login: 'invalid_grant', refused_term: 2_000_000 } }],
];

describe('a record from ahead that is', () => {
  test.each(strays)('%s takes nobody’s token, and keeps no newer one from the others', async (_name, stray) => {
    const nodes = await threeNodes();
    cluster.say(stray);
    await settle();
    expect(accessOf(nodes)).toEqual(['access-1', 'access-1', 'access-1']);
    await pass(clock, 3_500_000, 5_000);
    expect(accessOf(nodes)).toEqual(['access-2', 'access-2', 'access-2']);
    expect(nodes[1].coordinator.reading('q1')).toMatchObject({ term: 1, needsLogin: undefined });
    expect(service.received).toEqual(['refresh-0', 'refresh-1']);
  });

  test.each(strays)(
    '%s is replaced by the leader at once, for those who have the records alone',
    async (_name, stray) => {
      await threeNodes();
      cluster.say(stray);
      await settle();
      expect(await joinerHas()).toBe('access-1');
      expect(service.received).toEqual(['refresh-0']);
    },
  );

  test.each(strays)('%s is replaced by the next leader where it came while there was none', async (_name, stray) => {
    const nodes = await threeNodes();
    cluster.elect(undefined);
    cluster.say(stray);
    cluster.elect('b');
    await settle();
    expect(await joinerHas()).toBe('access-1');
    cluster.elect('c');
    await pass(clock, 60_000);
    // The record has another stamp than its token's fence, and nobody takes that for a token that was missed.
    expect([service.received, accessOf(nodes)]).toEqual([['refresh-0'], ['access-1', 'access-1', 'access-1']]);
  });

  test.each(strays)('%s does not hide that the account needs a login', async (_name, stray) => {
    service.mode = 'refuse';
    const nodes = await threeNodes();
    cluster.say(stray);
    await expect(nodes[0].coordinator.refresh('q1')).rejects.toMatchObject({ code: 'token_needs_login' });
    const b = await tokenNode(cluster, 'b', service);
    expect(b.coordinator.reading('q1')?.needsLogin).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('a record that cannot be read', () => {
  test('is said to be so with the name of its writer, once a minute at most', async () => {
    await threeNodes();
    const said = () => lines.filter((line) => line.includes('cannot be read'));
    for (let minor = 0; minor < 100; minor++) cluster.say({ stamp: { ...aheadStamp, minor: minor * 1_000 } });
    await settle();
    expect(said()).toHaveLength(1);
    expect(said()[0]).toContain('"writer":"mallory"');
    await pass(clock, 61_000);
    cluster.say({ stamp: { major: 1_000_001, minor: 0 } });
    expect(said()).toHaveLength(2);
  });

  test('at a node that starts again does not keep its disk’s token from use or from the others', async () => {
    const nodes = await threeNodes();
    for (const node of nodes) await node.coordinator.stop();
    cluster.elect(undefined);
    cluster.say({});
    const again = [];
    for (const [index, name] of ['a', 'b', 'c'].entries())
      again.push(await tokenNode(cluster, name, service, { disk: nodes[index]!.disk }));
    cluster.elect('c');
    await pass(clock, 60_000);
    expect(accessOf(again)).toEqual(['access-1', 'access-1', 'access-1']);
    expect(await joinerHas()).toBe('access-1');
    expect(service.received).toEqual(['refresh-0']);
  });
});

describe('the records of a mesh', () => {
  test('take what a board shows over a stray one, everywhere', () => {
    const mesh = meshOf(3);
    const parts = { clock, log: keepingLog(lines) };
    const sealer = cluster.join('a').sealer;
    const board = new TokenBoard({
      ...parts,
      onRetry: () => undefined,
      mesh: { records: mesh.node('n1').records, sealer },
    });
    const order = { fence: { term: 3, sequence: 4 }, clusterId: 'fake' };
    for (const isDeleted of [false, true]) {
      const stray = ['tokens', 'q1', 900_000 + Number(isDeleted), 9, 'n3', isDeleted, isDeleted ? null : 'garbage'];
      for (const node of ['n1', 'n2']) mesh.node('n3').post.send(node, 'records/push', { r: [stray], p: 0 });
      mesh.advance(20);
      expect(mesh.node('n2').records.get('tokens', 'q1')?.payload).toBe(isDeleted ? undefined : 'garbage');
      const payload = tokenPayload(sealer, 'q1', {
        ...configuredToken(login, 0),
        ...order,
        access: new Secret('a'),
      });
      expect(board.show('q1', order, payload)).toBe('shown');
      expect(board.show('q1', order, payload)).toBe('late');
      expect(board.show('q1', { ...order, fence: { term: 2, sequence: 9 } }, payload)).toBe('late');
      mesh.advance(20);
      expect(mesh.node('n2').records.get('tokens', 'q1')).toMatchObject({ writer: 'n1', payload });
    }
  });
});

describe('an old record under a stamp from ahead', () => {
  test('takes nobody back to its token, and gives way to the newer one', async () => {
    const nodes = await threeNodes();
    const { payload } = recordOf(nodes[0]);
    await nodes[0].coordinator.refresh('q1');
    cluster.say({ payload });
    await settle();
    expect(accessOf(nodes)).toEqual(['access-2', 'access-2', 'access-2']);
    expect(await joinerHas()).toBe('access-2');
    await nodes[0].coordinator.refresh('q1');
    expect(accessOf(nodes)).toEqual(['access-3', 'access-3', 'access-3']);
    expect([service.reuses, recordOf(nodes[2]).stamp.major]).toEqual([0, aheadStamp.major]);
  });

  test('is no token of another account', async () => {
    const nodes = await threeNodes();
    const other = nodes[1].coordinator.register('q2', 'amazonq', { ...login, refreshToken: new Secret('refresh-0') });
    await nodes[1].coordinator.loaded();
    cluster.say({ id: 'q2', payload: recordOf(nodes[0]).payload });
    expect(other.current()).toBeUndefined();
  });
});

describe('a cluster whose votes were lost', () => {
  test('counts its terms from one again, and its tokens reach everybody', async () => {
    const nodes = await threeNodes();
    for (const leader of ['b', 'c', 'a']) cluster.elect(leader);
    await nodes[0].coordinator.refresh('q1');
    await pass(clock, 60_000);
    cluster.found('another', 'b');
    await nodes[1].coordinator.refresh('q1');
    expect(accessOf(nodes)).toEqual(['access-3', 'access-3', 'access-3']);
    expect(nodes[2].coordinator.reading('q1')?.term).toBe(1);
    expect(await joinerHas()).toBe('access-3');
    cluster.elect('c');
    await pass(clock, 60_000);
    expect([service.received.length, service.reuses]).toEqual([3, 0]);
  });
});

describe('two leaders', () => {
  /** Spends nothing: whoever asks gets the answer that the test gives. */
  const answers: ((access: string) => void)[] = [];
  const patient = {
    client: {
      refresh: () =>
        new Promise<RefreshOutcome>((done) => {
          const issue = (access: string) => ({
            access: new Secret(access),
            refresh: new Secret(`refresh of ${access}`),
            lifetimeMs: 3_600_000,
            extras: {},
          });
          answers.push((access) => done({ kind: 'renewed', token: issue(access) }));
        }),
    },
  };

  test.each([
    ['in order', []],
    ['with garbage between', [{}]],
    ['with a deletion between', [{ isDeleted: true }]],
  ])('whose answers come the wrong way round, %s: the token of the later one stays', async (_name, between) => {
    answers.length = 0;
    const nodes = await threeNodes(patient);
    cluster.elect('b');
    await pass(clock, 30_000 + doubtMs + 10_000, 1_000);
    expect(answers).toHaveLength(2);
    answers[1]!('later');
    await settle();
    for (const stray of between) cluster.say(stray);
    await settle();
    answers[0]!('earlier');
    await settle();
    expect(accessOf(nodes)).toEqual(['later', 'later', 'later']);
    for (const { disk } of nodes) expect(disk.get('q1')?.access?.reveal()).toBe('later');
    expect(await joinerHas()).toBe('later');
    expect(lines.some((line) => line.includes('the others keep theirs'))).toBe(true);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { hashOf } from '../../../node/tokens/held-token.ts';
import { ManualClock } from '../../manual-clock.ts';
import { FakeCluster, doubtMs } from './fake-cluster.ts';
import { FakeService, pass, settle, tokenNode, type TokenNode } from './token-node.ts';

let clock: ManualClock;
let cluster: FakeCluster;
let service: FakeService;

beforeEach(() => {
  clock = new ManualClock();
  cluster = new FakeCluster(clock);
  service = new FakeService();
});

async function threeNodes(): Promise<[TokenNode, TokenNode, TokenNode]> {
  const nodes = [
    await tokenNode(cluster, 'a', service),
    await tokenNode(cluster, 'b', service),
    await tokenNode(cluster, 'c', service),
  ] as [TokenNode, TokenNode, TokenNode];
  cluster.elect('a');
  await settle();
  return nodes;
}

function accessOf(nodes: readonly TokenNode[]): (string | undefined)[] {
  return nodes.map(({ source }) => source.current());
}

describe('a leader that dies', () => {
  test('before the answer: the next one waits out the doubt, and finds the answer lost', async () => {
    service.mode = 'hold';
    const [, b, c] = await threeNodes();
    cluster.kill('a');
    cluster.elect('b');
    service.mode = 'answer';
    await pass(clock, 30_000 + doubtMs - 1_000);
    expect(service.received).toEqual(['refresh-0']);
    await pass(clock, 10_000);
    expect(service.received).toEqual(['refresh-0', 'refresh-0']);
    for (const { coordinator } of [b, c]) {
      expect(coordinator.reading('q1')?.needsLogin).toMatchObject({ error: 'invalid_grant', isLost: true });
    }
    expect([b, c].map(({ coordinator }) => coordinator.reading('q1')?.lostCount)).toEqual([1, 0]);
    await pass(clock, 600_000, 5_000);
    expect(service.received).toHaveLength(2);
  });

  test('between disk and record: its own disk has the token when it comes back, and nothing is spent twice', async () => {
    service.mode = 'hold';
    const [a, b] = await threeNodes();
    cluster.cut('a');
    service.release();
    await settle();
    expect(a.disk.get('q1')?.refresh.reveal()).toBe('refresh-1');
    cluster.kill('a');
    cluster.members.get('a')!.kept.clear();
    await a.coordinator.stop();
    cluster.elect('b');
    service.mode = 'answer';
    const reborn = await tokenNode(cluster, 'a', service, { disk: a.disk });
    cluster.elect('a');
    await pass(clock, 3_600_000, 5_000);
    expect([service.reuses, service.received[1]]).toEqual([0, 'refresh-1']);
    expect(accessOf([reborn, b])).toEqual(['access-2', 'access-2']);
  });

  test('and comes back with the answer after the login was given up: the others get its token', async () => {
    service.mode = 'hold';
    service.revokesOnReuse = false;
    const [a, b, c] = await threeNodes();
    cluster.cut('a');
    service.release();
    await settle();
    cluster.kill('a');
    cluster.members.get('a')!.kept.clear();
    await a.coordinator.stop();
    service.mode = 'answer';
    cluster.elect('b');
    await pass(clock, 120_000, 1_000);
    expect(c.coordinator.reading('q1')?.needsLogin).toMatchObject({ isLost: true });
    const reborn = await tokenNode(cluster, 'a', service, { disk: a.disk });
    cluster.heal('a');
    cluster.elect('b');
    await pass(clock, 10_000);
    expect(accessOf([reborn, b, c])).toEqual(['access-2', 'access-2', 'access-2']);
    expect(c.coordinator.reading('q1')?.needsLogin).toBeUndefined();
    expect(service.received).toEqual(['refresh-0', 'refresh-0', 'refresh-1']);
  });

  test('and takes the token along: the others wait ten minutes for it, and then ask for a new login', async () => {
    const [, b] = await threeNodes();
    cluster.spent.add(`token/q1 ${hashOf('refresh-1')}`);
    cluster.kill('a');
    cluster.elect('b');
    await pass(clock, 4_200_000, 5_000);
    expect(b.coordinator.reading('q1')).toMatchObject({ needsLogin: { error: 'spent', isLost: true }, lostCount: 1 });
    expect(service.received).toEqual(['refresh-0']);
  });

  test('before the others heard, with its disk alone left: its record is written again under the old stamp', async () => {
    const [a] = await threeNodes();
    await a.coordinator.stop();
    for (const { kept } of cluster.members.values()) kept.clear();
    await tokenNode(cluster, 'a', service, { disk: a.disk });
    expect(cluster.members.get('c')!.kept.get('q1')?.stamp).toEqual({ major: 1, minor: 1 });
  });

  test('in a partition: the token comes to the others when it heals', async () => {
    service.mode = 'hold';
    const nodes = await threeNodes();
    cluster.cut('a');
    service.release();
    await settle();
    expect(accessOf(nodes)).toEqual(['access-1', undefined, undefined]);
    cluster.heal('a');
    await settle();
    expect(accessOf(nodes)).toEqual(['access-1', 'access-1', 'access-1']);
  });

  test('after an unknown outcome of its own, the login is tried once more after the doubt and then given up', async () => {
    service.mode = 'lose';
    const [a] = await threeNodes();
    service.mode = 'answer';
    await pass(clock, 30_000 + doubtMs - 1_000, 1_000);
    expect(service.received).toEqual(['refresh-0']);
    await pass(clock, 30_000, 1_000);
    expect(service.received).toEqual(['refresh-0', 'refresh-0']);
    expect(a.coordinator.reading('q1')).toMatchObject({ needsLogin: { isLost: true }, lostCount: 1 });
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { recordFaults } from '../../../cluster/replicated/faults.ts';
import { Secret } from '../../../kit/secret.ts';
import type { HeldToken } from '../../../node/tokens/contract.ts';
import { ManualClock } from '../../manual-clock.ts';
import { FakeCluster } from './fake-cluster.ts';
import { FakeService, keepingLog, login, pass, settle, tokenNode, type TokenNode } from './token-node.ts';

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

describe('the leader', () => {
  test('refreshes, and the others have the token and keep it on their own disks', async () => {
    const nodes = await threeNodes();
    expect(accessOf(nodes)).toEqual(['access-1', 'access-1', 'access-1']);
    expect(service.received).toEqual(['refresh-0']);
    for (const { disk } of nodes) expect(disk.get('q1')?.refresh.reveal()).toBe('refresh-1');
    expect(nodes[1].coordinator.reading('q1')).toMatchObject({
      expiresAtMs: clock.nowMs() + 3_600_000,
      refreshedBy: 'a',
      term: 1,
    });
  });

  test('uses and keeps a token that the records refuse, and tells the others once they take it', async () => {
    const lines: string[] = [];
    const a = await tokenNode(cluster, 'a', service, { log: keepingLog(lines) });
    const b = await tokenNode(cluster, 'b', service);
    a.member.refusal = recordFaults.record_table_full('the table tokens is full');
    cluster.elect('a');
    await settle();
    expect(accessOf([a, b])).toEqual(['access-1', undefined]);
    expect(a.disk.get('q1')?.refresh.reveal()).toBe('refresh-1');
    expect(lines.filter((line) => line.includes('the table tokens is full'))).toHaveLength(1);
    await pass(clock, 60_000, 1_000);
    expect(lines.filter((line) => line.includes('the table tokens is full'))).toHaveLength(3);
    a.member.refusal = undefined;
    await pass(clock, 30_000, 1_000);
    expect(accessOf([a, b])).toEqual(['access-1', 'access-1']);
    expect(service.received).toEqual(['refresh-0']);
    await a.coordinator.stop();
  });

  test('says that a login is needed where the records refuse to tell the others', async () => {
    const a = await tokenNode(cluster, 'a', service);
    service.mode = 'refuse';
    a.member.refusal = recordFaults.record_refused('too large');
    cluster.elect('a');
    await settle();
    expect(a.coordinator.reading('q1')?.needsLogin).toBeDefined();
    await a.coordinator.stop();
  });

  test('refreshes again 5 to 6 minutes before the end, once', async () => {
    await threeNodes();
    await pass(clock, 53 * 60_000, 5_000);
    expect(service.received).toHaveLength(1);
    await pass(clock, 3 * 60_000, 5_000);
    expect(service.received).toEqual(['refresh-0', 'refresh-1']);
  });

  test('refreshes a short life after 76 to 80 % of it', async () => {
    service.lifetimeMs = 10_000;
    await threeNodes();
    await pass(clock, 7_500, 100);
    expect(service.received).toHaveLength(1);
    await pass(clock, 600, 100);
    expect(service.received).toHaveLength(2);
  });

  test('notices a jump of the wall clock within a minute', async () => {
    await threeNodes();
    clock.jumpWall(3_600_000);
    await pass(clock, 60_000, 1_000);
    expect(service.received).toHaveLength(2);
  });

  test('sends nothing without a majority, and goes on when it is back', async () => {
    cluster.hasMajority = false;
    const nodes = await threeNodes();
    await pass(clock, 60_000);
    expect(service.received).toEqual([]);
    cluster.hasMajority = true;
    await pass(clock, 10_000);
    expect(accessOf(nodes)).toEqual(['access-1', 'access-1', 'access-1']);
  });

  test('sends nothing when it stood still between the grant and the sending', async () => {
    const [a, ...others] = await threeNodes();
    a.member.mayBegin = false;
    await pass(clock, 3_600_000, 5_000);
    expect(service.received).toHaveLength(1);
    a.member.mayBegin = true;
    await pass(clock, 61_000);
    expect(service.received).toHaveLength(2);
    expect(accessOf([a, ...others])).toEqual(['access-2', 'access-2', 'access-2']);
  });

  test('takes an answer that comes long after its budget and its leadership', async () => {
    service.mode = 'hold';
    const nodes = await threeNodes();
    await pass(clock, 20_000);
    cluster.elect('b');
    await pass(clock, 25_000);
    service.release();
    await settle();
    expect(accessOf(nodes)).toEqual(['access-1', 'access-1', 'access-1']);
    expect([service.received, service.reuses]).toEqual([['refresh-0'], 0]);
  });

  test('does at most four accounts at once, and all of them in the end', async () => {
    const a = await tokenNode(cluster, 'a', service);
    for (let number = 2; number <= 9; number++)
      a.coordinator.register(`q${number}`, 'amazonq', { ...login, refreshToken: new Secret(`login-${number}`) });
    await a.coordinator.loaded();
    service.mode = 'hold';
    cluster.elect('a');
    await settle();
    expect(service.held).toBe(4);
    for (let round = 0; round < 5; round++) {
      service.release();
      await settle();
    }
    expect(new Set(service.received).size).toBe(9);
    expect(a.coordinator.readings().every(({ isUsable }) => isUsable)).toBe(true);
  });

  test('backs off from a failing service, and is through soon after it is well', async () => {
    service.mode = 'fail';
    const nodes = await threeNodes();
    await pass(clock, 600_000, 1_000);
    expect(service.received.length).toBeGreaterThan(8);
    expect(service.received.length).toBeLessThan(60);
    service.mode = 'answer';
    await pass(clock, 61_000, 1_000);
    expect(accessOf(nodes)).toEqual(['access-1', 'access-1', 'access-1']);
    expect(nodes[0].coordinator.reading('q1')?.failedCount).toBeGreaterThan(8);
  });

  test('waits for a refresh under way when it stops, and keeps its token', async () => {
    service.mode = 'hold';
    const [a, b] = await threeNodes();
    const stopped = a.coordinator.stop();
    let isStopped = false;
    void stopped.then(() => (isStopped = true));
    await settle();
    expect(isStopped).toBe(false);
    service.release();
    await stopped;
    expect([a.disk.get('q1')?.refresh.reveal(), b.source.current()]).toEqual(['refresh-1', 'access-1']);
  });
});

describe('a token that the upstream refuses', () => {
  async function tenNodes(): Promise<TokenNode[]> {
    const nodes: TokenNode[] = [];
    for (let number = 0; number < 10; number++) nodes.push(await tokenNode(cluster, `n${number}`, service));
    cluster.elect('n0');
    await pass(clock, 60_000);
    return nodes;
  }

  test('on ten nodes at once is refreshed once, and all go on with the new one', async () => {
    const nodes = await tenNodes();
    service.mode = 'hold';
    const waits = nodes.map(({ source }) => source.refused('access-1'));
    await settle();
    expect(nodes.map(({ source }) => source.isUsable)).toEqual(nodes.map(() => false));
    expect(service.held).toBe(1);
    service.release();
    expect(await Promise.all(waits)).toEqual(nodes.map(() => true));
    expect(service.received).toEqual(['refresh-0', 'refresh-1']);
    expect(nodes.every(({ source }) => source.isUsable && source.current() === 'access-2')).toBe(true);
  });

  test('is answered at once where a newer one is known', async () => {
    const [first, second] = await tenNodes();
    await first!.coordinator.refresh('q1');
    expect(await second!.source.refused('access-1')).toBe(true);
    expect([service.received.length, second!.member.questions]).toEqual([2, 0]);
  });

  test('is replaced by the leader that has a newer one, without another refresh', async () => {
    const [a, b] = await threeNodes();
    await pass(clock, 60_000);
    b.member.isDeaf = true;
    await a.coordinator.refresh('q1');
    expect(b.source.current()).toBe('access-1');
    expect(await b.source.refused('access-1')).toBe(true);
    expect([b.source.current(), service.received.length]).toEqual(['access-2', 2]);
  });

  test('without a leader makes nobody wait longer than ten seconds, and is replaced when there is one', async () => {
    const nodes = await tenNodes();
    const { source } = nodes[3]!;
    cluster.elect(undefined);
    const wait = source.refused('access-1');
    await pass(clock, 10_000);
    expect(await wait).toBe(false);
    expect(source.isUsable).toBe(false);
    cluster.elect('n5');
    await pass(clock, 20_000);
    expect([source.isUsable, source.current()]).toEqual([true, 'access-2']);
    expect(service.reuses).toBe(0);
  });

  test('just after it was refreshed is not refreshed again', async () => {
    const nodes = await threeNodes();
    expect(nodes[0].source.refused('access-1')).toBeUndefined();
    expect(nodes[1].source.refused('access-1')).toBeUndefined();
    await pass(clock, 10_000);
    expect([service.received.length, nodes[1].source.isUsable]).toEqual([1, true]);
  });
});

describe('a login that the service refuses', () => {
  test('is said by every node, is not tried again, and is forgotten with a new login', async () => {
    service.mode = 'refuse';
    const lines: string[] = [];
    const a = await tokenNode(cluster, 'a', service, { log: keepingLog(lines) });
    const b = await tokenNode(cluster, 'b', service);
    cluster.elect('a');
    await pass(clock, 3_600_000, 10_000);
    expect(service.received).toHaveLength(1);
    for (const { coordinator } of [a, b]) {
      expect(coordinator.reading('q1')?.needsLogin).toMatchObject({ error: 'invalid_grant', isLost: false });
    }
    expect(lines.filter((line) => line.includes('account q1 needs a new login'))).toHaveLength(1);
    await expect(b.coordinator.refresh('q1')).rejects.toMatchObject({ code: 'token_needs_login' });
    expect(service.received).toHaveLength(2);
    service.mode = 'answer';
    for (const { coordinator } of [a, b])
      coordinator.register('q1', 'amazonq', { ...login, refreshToken: new Secret('again-0') });
    await settle();
    expect(service.received.at(-1)).toBe('again-0');
    expect(a.coordinator.reading('q1')?.needsLogin).toBeUndefined();
    expect(accessOf([a, b])).toEqual(['access-1', 'access-1']);
  });

  test('stays so over a restart, by the record', async () => {
    service.mode = 'refuse';
    const a = await tokenNode(cluster, 'a', service);
    cluster.elect('a');
    await settle();
    await a.coordinator.stop();
    const reborn = await tokenNode(cluster, 'a', service, { disk: a.disk });
    cluster.elect('a');
    await pass(clock, 60_000);
    expect(reborn.coordinator.reading('q1')?.needsLogin).toMatchObject({ error: 'invalid_grant' });
    expect(service.received).toHaveLength(1);
  });
});

describe('a kept token', () => {
  function kept(fields: Partial<HeldToken>): Map<string, HeldToken> {
    const token: HeldToken = {
      access: new Secret('kept-access'),
      refresh: new Secret('kept-refresh'),
      expiresAtMs: clock.nowMs() + 3_000_000,
      lifetimeMs: 3_600_000,
      extras: {},
      roots: [],
      issuedAtMs: 0,
      fence: undefined,
      clusterId: '',
      refreshedBy: undefined,
      ...fields,
    };
    return new Map([['q1', token]]);
  }

  test('of another program is taken over, and the configured one after it was refused', async () => {
    service.lifetimeMs = 3_600_000;
    const a = await tokenNode(cluster, 'a', service, { disk: kept({}) });
    expect(a.source.current()).toBe('kept-access');
    cluster.elect('a');
    await pass(clock, 2_000_000, 10_000);
    expect(service.received).toEqual([]);
    await pass(clock, 1_000_000, 10_000);
    expect(service.received).toEqual(['kept-refresh']);
  });

  test('that grew from another login than the configured one is left alone', async () => {
    const a = await tokenNode(cluster, 'a', service, { disk: kept({ roots: ['0'.repeat(64)] }) });
    expect(a.source.current()).toBeUndefined();
    cluster.elect('a');
    await settle();
    expect(service.received).toEqual(['refresh-0']);
  });

  test('whose login is dead gives way to the configured refresh token', async () => {
    const a = await tokenNode(cluster, 'a', service, { disk: kept({ access: undefined }) });
    service.mode = 'refuse';
    cluster.elect('a');
    await settle();
    expect(service.received).toEqual(['kept-refresh', 'refresh-0']);
    expect(a.coordinator.reading('q1')?.needsLogin).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('a disk that takes nothing', () => {
  test('does not keep the token from use, is loud about it, and gets the token later', async () => {
    const lines: string[] = [];
    let isFull = true;
    const onWrite = () => {
      if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    const a = await tokenNode(cluster, 'a', service, { log: keepingLog(lines), onWrite });
    cluster.elect('a');
    await pass(clock, 5_000);
    expect(a.source.current()).toBe('access-1');
    expect(a.disk.size).toBe(0);
    expect(lines.some((line) => line.includes('cannot be written'))).toBe(true);
    isFull = false;
    await pass(clock, 61_000);
    expect(a.disk.get('q1')?.refresh.reveal()).toBe('refresh-1');
  });
});

describe('nothing of a token', () => {
  test('stands in logs, statuses or records', async () => {
    const lines: string[] = [];
    const a = await tokenNode(cluster, 'a', service, { log: keepingLog(lines) });
    cluster.elect('a');
    await settle();
    service.mode = 'lose';
    const failed = a.coordinator.refresh('q1').catch(String);
    await pass(clock, 1_000);
    service.mode = 'refuse';
    await pass(clock, 120_000);
    const shown = [lines, await failed, a.coordinator.readings(), [...a.member.kept.values()]];
    const text = JSON.stringify(shown);
    expect(text).toContain('invalid_grant');
    expect(text).not.toMatch(/refresh-\d|access-\d|csec/);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../kit/secret.ts';
import type { TokenLogin } from '../../../node/providers/contract.ts';
import { providerFaults } from '../../../node/providers/faults.ts';
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

const hourMs = 3_600_000;

/** As read from a person's file. */
function inFile(refresh: string, access: string, forMs: number): TokenLogin {
  const expiresAtMs = clock.nowMs() + forMs;
  const issued = { accessToken: new Secret(access), expiresAtMs, extras: { profile_arn: `arn of ${access}` } };
  return { ...login, refreshToken: new Secret(refresh), issued };
}

const recordsOf = ({ member }: TokenNode) => [...member.kept.values()].filter(({ table }) => table === 'tokens');

async function lead(node: TokenNode): Promise<void> {
  cluster.elect(node.member.self);
  await settle();
}

describe('the access token that a file holds', () => {
  test('is used until five minutes before its end, and told to nobody', async () => {
    const a = await tokenNode(cluster, 'a', service, { login: inFile('refresh-0', 'from-file', hourMs) });
    await lead(a);
    expect([a.source.current(), a.source.isUsable, a.source.extra('profile_arn')]).toEqual([
      'from-file',
      true,
      'arn of from-file',
    ]);
    await pass(clock, 53 * 60_000, 10_000);
    expect([service.received, a.disk.size, recordsOf(a)]).toEqual([[], 0, []]);
    await pass(clock, 3 * 60_000, 5_000);
    expect([a.source.current(), service.received]).toEqual(['access-1', ['refresh-0']]);
    expect(a.source.extra('profile_arn')).toBe('arn of from-file');
    expect([a.disk.size, recordsOf(a).length]).toEqual([1, 1]);
  });

  test('serves a node that has no leader', async () => {
    const a = await tokenNode(cluster, 'a', service, { login: inFile('refresh-0', 'from-file', hourMs) });
    await pass(clock, 10_000);
    expect([a.source.current(), a.source.isUsable]).toEqual(['from-file', true]);
  });

  test.each([
    ['has ended', 'from-file', -1],
    ['ends at no known time', 'from-file', Number.NaN],
    ['fits no header', 'two\nlines', hourMs],
  ])('is left aside where it %s: a refresh comes first', async (_why, access, forMs) => {
    const a = await tokenNode(cluster, 'a', service, { login: inFile('refresh-0', access, forMs) });
    expect([a.source.current(), a.source.isUsable]).toEqual([undefined, false]);
    await lead(a);
    expect([a.source.current(), service.received]).toEqual(['access-1', ['refresh-0']]);
  });

  test('gives way to a kept token that grew from the same refresh token', async () => {
    const first = await tokenNode(cluster, 'a', service);
    await lead(first);
    await first.coordinator.stop();
    const again = await tokenNode(cluster, 'a', service, {
      disk: first.disk,
      login: inFile('refresh-0', 'from-file', 2 * hourMs),
    });
    await lead(again);
    expect([again.source.current(), service.received]).toEqual(['access-1', ['refresh-0']]);
  });

  test('puts a kept token aside when the file was rotated by another program', async () => {
    const a = await tokenNode(cluster, 'a', service);
    await lead(a);
    a.coordinator.register('q1', 'amazonq', inFile('rotated', 'of-rotated', hourMs));
    await settle();
    expect([a.source.current(), service.received]).toEqual(['of-rotated', ['refresh-0']]);
    await a.coordinator.stop();
    const again = await tokenNode(cluster, 'a', service, {
      disk: a.disk,
      login: inFile('rotated', 'of-rotated', hourMs),
    });
    await lead(again);
    expect([again.source.current(), service.received]).toEqual(['of-rotated', ['refresh-0']]);
  });

  test('is taken where another program renewed it without rotating', async () => {
    const a = await tokenNode(cluster, 'a', service, { login: inFile('refresh-0', 'early', hourMs) });
    a.coordinator.register('q1', 'amazonq', inFile('refresh-0', 'later', 2 * hourMs));
    expect(a.source.current()).toBe('later');
    a.coordinator.register('q1', 'amazonq', inFile('refresh-0', 'earlier', hourMs / 2));
    expect(a.source.current()).toBe('later');
    await lead(a);
    await a.coordinator.refresh('q1');
    a.coordinator.register('q1', 'amazonq', inFile('refresh-0', 'stale', 3 * hourMs));
    expect(a.source.current()).toBe('access-1');
  });

  test('that was refused gives way to the copy that the leader has of the same login', async () => {
    const a = await tokenNode(cluster, 'a', service, { login: inFile('refresh-0', 'copy-a', hourMs) });
    const b = await tokenNode(cluster, 'b', service, { login: inFile('refresh-0', 'copy-b', hourMs / 2) });
    await lead(b);
    const replaced = a.source.refused('copy-a');
    await settle();
    expect([await replaced, a.source.current(), service.received]).toEqual([true, 'copy-b', []]);
    await pass(clock, 31_000);
    void a.source.refused('copy-b');
    await pass(clock, 20_000);
    expect([a.source.current(), service.received]).toEqual(['access-1', ['refresh-0']]);
  });
});

describe('a login whose refresh token is refused', () => {
  /** A file that holds these, one look after another; the last one stays. */
  function fileOf(...found: (TokenLogin | undefined | Error)[]) {
    const looks = { count: 0 };
    const reread = (): TokenLogin | undefined => {
      const next = found[Math.min(looks.count++, found.length - 1)];
      if (next instanceof Error) throw next;
      return next === undefined ? undefined : { ...next, reread };
    };
    return { looks, login: { ...login, reread } };
  }

  const anew = (refresh: string): TokenLogin => ({ ...login, refreshToken: new Secret(refresh) });

  /** The service refuses these refresh tokens, whoever sends them. */
  function refusing(...dead: string[]): FakeService['client'] {
    return {
      refresh: (given, refresh, mayWrite) => {
        service.mode = dead.includes(refresh.reveal()) ? 'refuse' : 'answer';
        return service.client.refresh(given, refresh, mayWrite);
      },
    };
  }

  test('is looked up once, and goes on with what stands there now', async () => {
    const file = fileOf(anew('of-the-ide'));
    const lines: string[] = [];
    const client = refusing('refresh-0');
    const a = await tokenNode(cluster, 'a', { client }, { login: file.login, log: keepingLog(lines) });
    await lead(a);
    expect(service.received).toEqual(['refresh-0', 'of-the-ide']);
    expect([a.source.current(), a.coordinator.reading('q1')?.needsLogin]).toEqual(['access-1', undefined]);
    expect(file.looks.count).toBe(1);
    expect(lines.filter((line) => line.includes('hold another one'))).toHaveLength(1);
    expect(lines.join('\n')).not.toMatch(/of-the-ide|refresh-0/);
  });

  test('is looked up again at the next refusal, and never goes round in circles', async () => {
    const file = fileOf(anew('second'), anew('refresh-0'));
    const a = await tokenNode(cluster, 'a', { client: refusing('refresh-0', 'second') }, { login: file.login });
    await lead(a);
    await pass(clock, hourMs, 10_000);
    expect(service.received).toEqual(['refresh-0', 'second']);
    expect(a.coordinator.reading('q1')?.needsLogin).toMatchObject({ error: 'invalid_grant' });
    expect(file.looks.count).toBe(2);
  });

  test.each([
    ['holds the same', () => anew('refresh-0')],
    ['is gone', () => undefined],
    ['cannot be read', () => providerFaults.credential_unusable('creds_file: it is not JSON')],
  ])('needs a person when the file %s', async (_what, found) => {
    const file = fileOf(found());
    const a = await tokenNode(cluster, 'a', { client: refusing('refresh-0') }, { login: file.login });
    await lead(a);
    await pass(clock, 120_000, 1_000);
    expect(service.received).toEqual(['refresh-0']);
    expect(a.coordinator.reading('q1')?.needsLogin).toBeDefined();
    expect(file.looks.count).toBe(1);
  });

  test('that was found anew is known to members with the former file', async () => {
    const file = fileOf(anew('of-the-ide'));
    const a = await tokenNode(cluster, 'a', { client: refusing('refresh-0') }, { login: file.login });
    const disk = new Map<string, HeldToken>();
    const b = await tokenNode(cluster, 'b', service, { disk });
    await lead(a);
    expect([b.source.current(), disk.get('q1')?.refresh.reveal()]).toEqual(['access-1', 'refresh-1']);
  });
});

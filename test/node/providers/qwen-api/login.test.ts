import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import { qwenProvider } from '../../../../node/providers/qwen-api/index.ts';
import { qwenLogin } from '../../../../node/providers/qwen-api/login.ts';
import { ManualClock } from '../../../manual-clock.ts';
import { FakeDesk } from '../../../suites/fake-desk.ts';
import { plainFiles } from '../../../suites/provider-environment.ts';
import type { DeskMood } from '../../../upstream/qwen/oauth.ts';
import { type QwenUpstream, startQwen } from '../../../upstream/qwen/upstream.ts';

const folder = mkdtempSync(join(tmpdir(), 'aiproxy-qwen-'));
const path = join(folder, 'oauth_creds.json');
afterAll(() => rmSync(folder, { recursive: true }));

function read(file: unknown) {
  writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file), { mode: 0o600 });
  const credential = qwenProvider.credential.parse({ creds_file: path });
  const login = qwenLogin({ id: 'a', provider: 'qwen-api', ...credential }, plainFiles());
  if (login === undefined) throw new Error('no login');
  return { ...login, refresh: login.refreshToken.reveal(), access: login.issued?.accessToken.reveal() };
}

describe('a file of credentials', () => {
  const own = { access_token: 'at', refresh_token: 'rt', token_type: 'Bearer', resource_url: 'portal.qwen.ai' };

  it('is read in the form of Qwen Code, in milliseconds', () => {
    const login = read({ ...own, expiry_date: 1_775_000_000_000, id_token: 'x' });
    expect(login).toMatchObject({ refresh: 'rt', access: 'at' });
    expect(login.issued).toMatchObject({ expiresAtMs: 1_775_000_000_000, extras: { resource_url: 'portal.qwen.ai' } });
  });

  it('is read in the form of CLIProxyAPI', () => {
    const login = read({ ...own, type: 'qwen', email: 'a@b.c', expired: '2026-01-05T12:00:00Z' });
    expect(login.issued?.expiresAtMs).toBe(Date.parse('2026-01-05T12:00:00Z'));
  });

  it.each([{ expires_in: 21_600 }, { expiry_date: 'soon' }, { expiry_date: 0 }, { expired: 'never' }])(
    'is refreshed first where it has no usable end: %j',
    (more) => {
      expect(read({ ...own, ...more })).toMatchObject({ refresh: 'rt', access: undefined });
    },
  );

  it.each([
    ['{"refresh_token":"rt-secret', 'is not JSON'],
    ['[]', 'must hold a JSON object'],
    ['{"access_token":"at-secret"}', 'has no refresh_token'],
    ['{"refresh_token":""}', 'has no refresh_token'],
  ])('is refused and not quoted: %s', (text, why) => {
    const fault: unknown = (() => {
      try {
        return read(text);
      } catch (error) {
        return error;
      }
    })();
    if (!isFault(fault)) throw new Error('no Fault');
    expect(fault).toMatchObject({ code: 'credential_unusable', source: 'config', field: 'creds_file' });
    expect(fault.message).toContain(why);
    expect(fault.message).toContain(path);
    expect(fault.message).not.toContain('secret');
  });

  it('is looked into again once the service refuses its token', () => {
    const login = read({ refresh_token: 'rt-1' });
    writeFileSync(path, '{"refresh_token":"rt-2"}');
    expect(login.reread?.()?.refreshToken.reveal()).toBe('rt-2');
  });

  it('is refreshed by a form at the service of Qwen', () => {
    expect(read({ refresh_token: 'rt' })).toMatchObject({
      url: 'https://chat.qwen.ai/api/v1/oauth2/token',
      encoding: 'form',
      naming: 'snake',
      fields: { grant_type: 'refresh_token', client_id: 'f0304373b74a44d2b584a3fb70ca9e56' },
      keeps: ['resource_url'],
      finalErrors: ['invalid_request'],
    });
  });

  it('is not there for a key', () => {
    const credential = qwenProvider.credential.parse({ api_key: 'k' });
    expect(qwenLogin({ id: 'a', provider: 'qwen-api', ...credential }, plainFiles())).toBeUndefined();
  });
});

describe('a login on the command line', () => {
  let service: QwenUpstream;
  beforeAll(async () => void (service = await startQwen()));
  afterEach(() => {
    service.oauth.moods.length = 0;
    service.oauth.resourceUrl = 'portal.qwen.ai';
  });
  afterAll(() => service.close());

  const run = (moods: DeskMood[] = []) => {
    service.oauth.moods.push(...moods);
    const desk = new FakeDesk(new ManualClock());
    const outcome = qwenProvider.interactiveLogin!.run({ kind: 'device', authUrl: service.url }, desk);
    return { desk, outcome };
  };

  it('shows the code, and gives what the file holds', async () => {
    const { desk, outcome } = run(['authorization_pending', '503', 'html', 'empty', 'authorization_pending']);
    const { credentials, summary } = await outcome;
    expect(desk.codes).toEqual([
      {
        url: 'https://chat.qwen.ai/authorize',
        completeUrl: 'https://chat.qwen.ai/authorize?user_code=ABCD-EFGH&client=qwen-code',
        userCode: 'ABCD-EFGH',
        expiresInMs: 900_000,
      },
    ]);
    const waitedMs = desk.waits.reduce((sum, each) => sum + each, 0);
    expect(credentials).toMatchObject({
      token_type: 'Bearer',
      resource_url: 'portal.qwen.ai',
      expiry_date: 1_700_000_000_000 + waitedMs + 21_600_000,
    });
    expect(service.oauth.families.isGood(String(credentials['access_token']))).toBe(true);
    const login = read(credentials);
    expect(login.access).toBe(credentials['access_token']);
    expect(summary).not.toContain(String(credentials['access_token']));
  });

  it('keeps no address where the service names none', async () => {
    service.oauth.resourceUrl = undefined;
    expect((await run().outcome).credentials).not.toHaveProperty('resource_url');
  });

  it('asks more slowly when told to, up to a bound', async () => {
    const { desk, outcome } = run(['slow_down', 'slow_down_400', 'slow_down', 'slow_down', 'slow_down']);
    await outcome;
    expect(desk.waits).toEqual([2000, 3000, 4500, 6750, 10_000, 10_000]);
  });

  it.each([
    ['access_denied', 'denied'],
    ['expired_token', 'ran out'],
  ] as const)('ends at %s', async (mood, said) => {
    await expect(run([mood]).outcome).rejects.toMatchObject({ code: 'login_failed', message: expect.stringContaining(said) });
  }); // prettier-ignore

  it('ends when the code has run out while nobody confirmed', async () => {
    const moods = Array.from({ length: 500 }, () => 'authorization_pending' as const);
    await expect(run(moods).outcome).rejects.toMatchObject({ code: 'login_failed' });
  });

  it('ends when the person gives up', async () => {
    const { desk, outcome } = run(['authorization_pending', 'authorization_pending']);
    desk.giveUp();
    await expect(outcome).rejects.toThrow('gave up');
  });
});

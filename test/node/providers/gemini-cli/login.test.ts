import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import { geminiProvider } from '../../../../node/providers/gemini-cli/index.ts';
import { geminiLogin } from '../../../../node/providers/gemini-cli/login.ts';
import { ManualClock } from '../../../manual-clock.ts';
import { FakeDesk } from '../../../suites/fake-desk.ts';
import { plainFiles } from '../../../suites/provider-environment.ts';
import { geminiClientSecret } from '../../../upstream/gemini/oauth.ts';
import { type GeminiUpstream, startGemini } from '../../../upstream/gemini/upstream.ts';

const folder = mkdtempSync(join(tmpdir(), 'aiproxy-gemini-'));
const path = join(folder, 'oauth_creds.json');
afterAll(() => rmSync(folder, { recursive: true }));

function read(file: unknown, more: object = { client_secret: 'cs' }) {
  writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file), { mode: 0o600 });
  const credential = geminiProvider.credential.parse({ creds_file: path, ...more });
  const login = geminiLogin({ id: 'a', provider: 'gemini-cli', ...credential }, plainFiles());
  if (login === undefined) throw new Error('no login');
  return { ...login, refresh: login.refreshToken.reveal(), access: login.issued?.accessToken.reveal() };
}

describe('a file of credentials', () => {
  it('is read in the form of Gemini CLI, in milliseconds', () => {
    const login = read({ access_token: 'at', refresh_token: 'rt', scope: 's', id_token: 'i', expiry_date: 1_775_000_000_000 });
    expect(login).toMatchObject({ refresh: 'rt', access: 'at', issued: { expiresAtMs: 1_775_000_000_000 } });
  }); // prettier-ignore

  it('is read in the form of CLIProxyAPI, which nests', () => {
    const token = { access_token: 'at', refresh_token: 'rt', expiry: '2026-01-05T12:00:00.5Z' };
    const login = read({ token, project_id: 'p', email: 'a@b.c', type: 'gemini' });
    expect(login).toMatchObject({ refresh: 'rt', access: 'at' });
    expect(login.issued?.expiresAtMs).toBe(Date.parse('2026-01-05T12:00:00.5Z'));
  });

  it.each([{}, { expiry_date: 'soon' }, { expiry: 'never' }, { access_token: '' }])(
    'is refreshed first where it has no usable access token: %j',
    (more) => {
      expect(read({ access_token: 'at', refresh_token: 'rt', ...more }).access).toBeUndefined();
    },
  );

  it.each([
    ['{"refresh_token":"rt-secret', 'is not JSON'],
    ['"rt-secret"', 'must hold a JSON object'],
    ['{"token":{"access_token":"at-secret"}}', 'has no refresh_token'],
  ])('is refused and not quoted: %s', (text, why) => {
    let fault: unknown;
    try {
      read(text);
    } catch (error) {
      fault = error;
    }
    if (!isFault(fault)) throw new Error('no Fault');
    expect(fault).toMatchObject({ code: 'credential_unusable', source: 'config', field: 'creds_file' });
    expect(fault.message).toContain(why);
    expect(fault.message).toContain(path);
    expect(fault.message).not.toContain('secret');
  });

  it('needs the secret of the client', () => {
    expect(() => read({ refresh_token: 'rt' }, {})).toThrow(expect.objectContaining({ field: 'client_secret' }));
  });

  it('is looked into again, and refreshed by a form at Google', () => {
    const login = read({ refresh_token: 'rt-1' });
    expect(login).toMatchObject({
      url: 'https://oauth2.googleapis.com/token',
      encoding: 'form',
      naming: 'snake',
      fields: {
        grant_type: 'refresh_token',
        client_id: '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com',
      },
    });
    writeFileSync(path, '{"refresh_token":"rt-2"}');
    expect(login.reread?.()?.refreshToken.reveal()).toBe('rt-2');
  });

  it('is not there for a key', () => {
    const credential = geminiProvider.credential.parse({ api_key: 'k' });
    expect(geminiLogin({ id: 'a', provider: 'gemini-cli', ...credential }, plainFiles())).toBeUndefined();
  });

  it.each(['123456789', 'UPPER', ''])('takes no project like %j', (project) => {
    expect(geminiProvider.credential.safeParse({ refresh_token: 'rt', project }).success).toBe(false);
  });
});

describe('a login on the command line', () => {
  let service: GeminiUpstream;
  beforeAll(async () => void (service = await startGemini()));
  afterAll(() => service.close());

  const run = (desk: FakeDesk, clientSecret: string | undefined = geminiClientSecret) =>
    geminiProvider.interactiveLogin!.run(
      { kind: 'google', authUrl: service.url, ...(clientSecret === '' ? {} : { clientSecret }) },
      desk,
    );

  it('goes through the browser, and gives what the file holds', async () => {
    const desk = new FakeDesk(new ManualClock());
    const { credentials, summary } = await run(desk);
    expect(credentials).toMatchObject({ token_type: 'Bearer', expiry_date: 1_700_000_000_000 + 3_599_000 });
    expect(service.oauth.families.isGood(String(credentials['access_token']))).toBe(true);
    expect(read(credentials)).toMatchObject({
      access: credentials['access_token'],
      refresh: credentials['refresh_token'],
    });
    expect(summary).not.toContain(String(credentials['refresh_token']));
    expect(desk.addresses[0]).not.toContain(geminiClientSecret);
  });

  it.each<[string, (parameters: URLSearchParams) => URLSearchParams, string]>([
    ['another state', (given) => new URLSearchParams({ ...Object.fromEntries(given), state: 'x' }), 'another login'],
    ['no code', (given) => new URLSearchParams({ state: given.get('state') ?? '' }), 'without a code'],
    ['a denial', () => new URLSearchParams({ error: 'access_denied' }), 'denied'],
    ['a wrong code', (given) => new URLSearchParams({ state: given.get('state') ?? '', code: '4/x' }), 'invalid_grant'],
  ])('ends at %s', async (_, brings, said) => {
    const desk = new FakeDesk(new ManualClock());
    desk.brings = brings;
    await expect(run(desk)).rejects.toMatchObject({ code: 'login_failed', message: expect.stringContaining(said) });
  });

  it('ends at a wrong secret, and asks for a missing one', async () => {
    const wrong = await run(new FakeDesk(new ManualClock()), 'wrong-secret').catch((error: unknown) => error);
    expect(wrong).toMatchObject({ code: 'login_failed', message: expect.stringContaining('client_secret') });
    await expect(run(new FakeDesk(new ManualClock()), '')).rejects.toMatchObject({ code: 'login_failed' });
  });

  it.each(['503', 'html'] as const)('ends at a service that fails: %s', async (mood) => {
    service.oauth.moods.push(mood);
    await expect(run(new FakeDesk(new ManualClock()))).rejects.toMatchObject({ code: 'login_failed' });
  });
});

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Folder } from '../node/config/folder.ts';
import { openaiAccount } from '../running-node.ts';
import { start, type Upstream } from '../upstream/upstream.ts';
import { type NodeProcess, startNodeProcess } from './node-process.ts';
import { until } from './until.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const password = 'correct horse battery staple';
const wrongMax = 3;

interface Said {
  readonly status: number;
  readonly code: string;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

describe('a node that was started for the first time', () => {
  let folder: Folder;
  let upstream: Upstream;
  let node: NodeProcess;
  let admin: { username: string; password: string };

  beforeAll(async () => {
    folder = await Folder.create();
    upstream = await start();
    node = await startAgain();
    await until(() => node.stdout().split('\n').length > 2);
    ({ admin } = JSON.parse(node.stdout().split('\n')[1] ?? '') as { admin: typeof admin });
  });
  afterAll(async () => {
    await node.stop();
    await upstream.close();
    await folder.remove();
  });

  function startAgain(): Promise<NodeProcess> {
    const settings = {
      accounts: [openaiAccount(upstream, 'work', { models: ['gpt-4o-mini'] })],
      auth: { lockout_failures: wrongMax },
    };
    return startNodeProcess(settings, { dataDir: `${folder.cwd}/data` });
  }

  async function call(method: string, path: string, credential?: string, body?: unknown): Promise<Said> {
    const answer = await fetch(node.url + path, {
      method,
      headers: {
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.text();
    const parsed = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    const { code = '' } = (parsed['error'] ?? {}) as { code?: string };
    return { status: answer.status, code, body: parsed, headers: answer.headers };
  }

  const tokensIn = ({ body }: Said): Tokens => ({
    access: String(body['access_token']),
    refresh: String(body['refresh_token']),
  });
  const tryLogin = (username: string, given: string) =>
    call('POST', '/auth/login', undefined, { username, password: given });

  async function login(username: string, given = password): Promise<Tokens> {
    const said = await tryLogin(username, given);
    expect(said.status).toBe(200);
    return tokensIn(said);
  }

  async function addUser(username: string, role: string): Promise<string> {
    const { access } = await login(admin.username, admin.password);
    const said = await call('POST', '/users', access, { username, password, role });
    expect(said.status).toBe(201);
    return String(said.body['id']);
  }

  const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] };
  const ask = (credential: string) => call('POST', '/v1/chat/completions', credential, chat);
  const refresh = (token: string) => call('POST', '/auth/refresh', undefined, { refresh_token: token });

  it('lets the admin in with the password that it printed, who then makes users and keys', async () => {
    const { access } = await login(admin.username, admin.password);
    const me = await call('GET', '/auth/me', access);
    expect(me.body).toMatchObject({ username: 'admin', role: 'admin', key: null });
    const id = await addUser('ann', 'user');
    const made = await call('POST', '/keys', access, { name: 'laptop', user_id: id });
    expect(made.status).toBe(201);
    expect((await ask(String(made.body['key']))).status).toBe(200);
    const shown = await call('GET', '/keys', access);
    expect(JSON.stringify(shown.body)).not.toContain(made.body['key']);
    const hers = await login('ann');
    expect((await ask(hers.access)).status).toBe(200);
    for (const path of ['/users', '/keys', '/accounts/stats', '/usage'])
      expect(await call('GET', path, hers.access), path).toMatchObject({ status: 403, code: 'permission_denied' });
  });

  it('answers a wrong password as it does an unknown name, and locks out who tries on', async () => {
    await addUser('bob', 'user');
    await addUser('eve', 'user');
    const unknown = await tryLogin('nobody', 'not the password');
    for (let n = 0; n < wrongMax; n++) {
      const wrong = await tryLogin('bob', 'not the password');
      expect(wrong).toMatchObject({ status: 401, code: 'login_refused', body: unknown.body });
    }
    const locked = await tryLogin('bob', password);
    expect(locked).toMatchObject({ status: 429, code: 'login_locked' });
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(locked.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    await login('eve');
  });

  it('gives new tokens for a refresh token once; using it again ends the session', async () => {
    const first = await login('ann');
    const other = await login('ann');
    const second = tokensIn(await refresh(first.refresh));
    expect((await ask(second.access)).status).toBe(200);
    expect(await refresh(first.refresh)).toMatchObject({ status: 401, code: 'refresh_refused' });
    expect(await refresh(second.refresh)).toMatchObject({ status: 401, code: 'refresh_refused' });
    for (const { access } of [first, second]) expect((await ask(access)).status).toBe(401);
    expect((await ask(other.access)).status).toBe(200);
    expect((await refresh(other.refresh)).status).toBe(200);
  });

  it('ends a session by logging out, and takes no token that was changed or that names no algorithm', async () => {
    const { access, refresh: token } = await login('ann');
    const [head = '', claims = '', mark = ''] = access.split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    const flipped = (mark.startsWith('A') ? 'B' : 'A') + mark.slice(1);
    for (const forged of [`${none}.${claims}.`, `${none}.${claims}.${mark}`, `${head}.${claims}.${flipped}`, token])
      expect((await ask(forged)).status).toBe(401);
    expect((await call('POST', '/auth/logout', undefined, { refresh_token: token })).status).toBe(204);
    expect((await ask(access)).status).toBe(401);
    expect((await refresh(token)).status).toBe(401);
  });

  it('knows users, keys, sessions and locks after it was killed and started again', async () => {
    const { access, refresh: token } = await login('ann');
    const { access: admins } = await login(admin.username, admin.password);
    for (let n = 0; n < wrongMax; n++) await tryLogin('eve', 'not the password');
    // Answered once it is on the disk, and with it what was written before.
    const made = await call('POST', '/keys', admins, { name: 'kept' });
    node.signal('SIGKILL');
    await node.exited;
    node = await startAgain();
    expect((await tryLogin('eve', password)).code).toBe('login_locked');
    for (const credential of [access, String(made.body['key'])]) expect((await ask(credential)).status).toBe(200);
    expect((await refresh(token)).status).toBe(200);
    await login(admin.username, admin.password);
    expect(node.stdout().trim().split('\n')).toHaveLength(1);
    expect(node.stderr()).not.toContain('made the first user');
  });
});

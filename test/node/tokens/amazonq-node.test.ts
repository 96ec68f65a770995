import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../../../kit/log.ts';
import { loadConfiguration } from '../../../node/config/load.ts';
import { startNode, type RunningNode } from '../../../node/main.ts';
import { startIssuer, type IssuedLogin, type Issuer } from '../../upstream/oauth-issuer.ts';

const key = 'sk-aiproxy-test';
let issuer: Issuer;
let login: IssuedLogin;
let folder = '';
let node: RunningNode;
let lines: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-amazonq-'));
  issuer = await startIssuer();
  login = issuer.login('q1');
  lines = [];
});
afterEach(async () => {
  await node.stop();
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(): Promise<void> {
  const accounts = [
    { id: 'q1', provider: 'amazonq', base_url: 'http://127.0.0.1:9', discovery: false, ...login },
    { id: 'o1', provider: 'openai-custom', base_url: 'http://127.0.0.1:9/v1', api_key: 'sk-plain', discovery: false },
  ];
  const file = join(folder, 'config.yaml');
  await writeFile(file, JSON.stringify({ api_key: key, port: 0, log_level: 'debug', accounts }));
  const loaded = await loadConfiguration({ args: ['--config', file], env: {}, cwd: folder, home: folder });
  if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
  const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
  node = await startNode(loaded.settings, { log });
}

async function call(method: string, path: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(node.url + path, { method, headers: { authorization: `Bearer ${key}` } });
  return { status: answer.status, body: await answer.text() };
}

/** The account once its token satisfies `isSo`; the node has no event to wait for from outside. */
async function account(isSo: (token: Record<string, unknown>) => boolean = () => true) {
  for (;;) {
    const { token } = JSON.parse((await call('GET', '/accounts/q1')).body) as { token: Record<string, unknown> };
    if (isSo(token)) return token;
    await new Promise((turn) => setImmediate(turn));
  }
}

const isUsable = (token: Record<string, unknown>) => token['state'] === 'usable';

async function kept(): Promise<Record<string, string>> {
  return JSON.parse(await readFile(join(folder, '.amazonq_token_cache/q1.json'), 'utf8')) as Record<string, string>;
}

test('is refreshed at the start, kept in the home folder, and shown without the token', async () => {
  await run();
  const token = await account(isUsable);
  expect(token).toEqual({
    state: 'usable',
    expires_at: expect.any(String),
    refreshed_by: expect.any(String),
    reason: null,
  });
  const file = await kept();
  expect(issuer.isGood(file['access_token']!)).toBe(true);
  expect(file['expires_at']).toBe(token['expires_at']);
  const { mode } = await stat(join(folder, '.amazonq_token_cache/q1.json'));
  expect(mode & 0o777).toBe(0o600);
  expect([issuer.requests, issuer.reuses]).toEqual([1, []]);
});

test('is refreshed before each end, one at a time, and never with a spent refresh token', async () => {
  issuer.lifetimeSeconds = 1;
  await run();
  await issuer.until(({ renewed }) => renewed >= 4);
  expect([issuer.reuses, issuer.concurrentMax]).toEqual([[], 1]);
});

test('survives a restart: what is kept is used, and its refresh token is the one that is spent next', async () => {
  await run();
  await account(isUsable);
  await node.stop();
  await run();
  expect(await account()).toMatchObject({ state: 'usable' });
  expect(issuer.requests).toBe(1);
  expect((await call('POST', '/accounts/q1/refresh')).status).toBe(200);
  expect([issuer.renewed, issuer.reuses]).toEqual([2, []]);
});

test('is refreshed by hand, and the file has the new one when the answer comes', async () => {
  await run();
  await account(isUsable);
  const before = await kept();
  const { status, body } = await call('POST', '/accounts/q1/refresh');
  expect([status, JSON.parse(body)]).toMatchObject([200, { token: { state: 'usable' } }]);
  const after = await kept();
  expect(after['refresh_token']).not.toBe(before['refresh_token']);
  expect(issuer.isGood(after['access_token']!)).toBe(true);
  expect(await call('POST', '/accounts/o1/refresh')).toMatchObject({ status: 409 });
  expect((await call('GET', '/accounts/o1')).body).toContain('"token":null');
});

test('whose login is revoked says so at its page, in the log and in the metrics', async () => {
  await run();
  await account(isUsable);
  issuer.revoke('q1');
  const { status, body } = await call('POST', '/accounts/q1/refresh');
  expect([status, JSON.parse(body)]).toMatchObject([409, { error: { code: 'token_needs_login' } }]);
  expect(await account()).toMatchObject({ state: 'needs_login', reason: 'invalid_grant' });
  expect(lines.some((line) => line.includes('account q1 needs a new login'))).toBe(true);
  const metrics = (await call('GET', '/metrics')).body;
  expect(metrics).toContain('amazonq_token_refresh_total{account="q1",status="success"} 1');
  expect(metrics).toContain('amazonq_token_refresh_total{account="q1",status="error"} 1');
  expect(metrics).toContain('aiproxy_account_needs_login{account="q1",provider="amazonq"} 1');
  expect(metrics).toContain('aiproxy_tokens_lost_total{account="q1",provider="amazonq"} 0');
});

test('shows no token in anything that the node writes or answers, whatever goes wrong', async () => {
  issuer.next(['html', 'slow_down'], 'q1');
  await run();
  for (const behaviour of ['500', 'malformed-after-spending', 'invalid_client'] as const) {
    issuer.next(behaviour, 'q1');
    await call('POST', '/accounts/q1/refresh');
  }
  const paths = ['/accounts/q1', '/accounts/stats', '/stats/accounts', '/metrics', '/health', '/openapi.json'];
  const answers = await Promise.all(paths.map(async (path) => (await call('GET', path)).body));
  const said = [...lines, ...answers].join('\n');
  expect(said).toContain('token_service_failed');
  for (const secret of issuer.secrets()) expect(said).not.toContain(secret);
});

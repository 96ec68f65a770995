import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startIssuer, type IssuedLogin, type Issuer } from '../../upstream/oauth-issuer.ts';
import { runNode, type TestNode } from '../../running-node.ts';
import { until } from '../../processes/until.ts';

let issuer: Issuer;
let folder = '';
let node: TestNode;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-file-'));
  issuer = await startIssuer();
});
afterEach(async () => {
  await node.stop();
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

const path = () => join(folder, 'kiro.json');

/** As the IDE keeps it, with an access token that ends in an hour. */
function write(login: IssuedLogin, accessToken: string): Promise<void> {
  const { refresh_token: refreshToken, client_id: clientId, client_secret: clientSecret, token_url: tokenUrl } = login;
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const text = { authMethod: 'IdC', accessToken, expiresAt, refreshToken, clientId, clientSecret, tokenUrl };
  return writeFile(path(), JSON.stringify(text), { mode: 0o600 });
}

async function start(): Promise<void> {
  const dataDir = join(folder, 'data');
  const account = { id: 'k1', provider: 'kiro-api', creds_file: path(), models: ['none'], discovery: false };
  node = await runNode({ accounts: [account], data_dir: dataDir });
}

async function token(): Promise<{ state: string; reason: string | null; refreshed_by: string | null }> {
  const page = (await (await node.fetch('/accounts/k1')).json()) as { token: Awaited<ReturnType<typeof token>> };
  return page.token;
}

const refresh = () => node.fetch('/accounts/k1/refresh', { method: 'POST' });
const isLeading = async () =>
  ((await (await node.fetch('/cluster/status')).json()) as { leader: string | null }).leader !== null;

test("the access token of another program's file is used, and nothing is spent at the start", async () => {
  await write(issuer.login('ide'), 'of-the-ide');
  await start();
  expect(await token()).toMatchObject({ state: 'usable', refreshed_by: null });
  await until(isLeading);
  expect([issuer.requests, await readdir(join(folder, 'data')).then((names) => names.includes('tokens'))]).toEqual([
    0,
    false,
  ]);
  expect((await refresh()).status).toBe(200);
  expect([await token(), issuer.renewed]).toMatchObject([{ state: 'usable', refreshed_by: expect.any(String) }, 1]);
});

test('a refused login goes on with what another program put into the file meanwhile', async () => {
  await write(issuer.login('former'), 'of-the-ide');
  await start();
  await until(isLeading);
  issuer.revoke('former');
  await write(issuer.login('later'), 'of-the-ide-later');
  expect((await refresh()).status).toBe(200);
  expect(await token()).toMatchObject({ state: 'usable', reason: null });
  expect([issuer.renewed, issuer.reuses]).toEqual([1, []]);
});

test('a login that was given up goes on by itself once the file has another one', async () => {
  await write(issuer.login('former'), 'of-the-ide');
  await start();
  await until(isLeading);
  issuer.revoke('former');
  expect((await refresh()).status).toBe(409);
  expect(await token()).toMatchObject({ state: 'needs_login', reason: 'invalid_grant' });
  const { requests } = issuer;
  await write(issuer.login('later'), 'of-the-ide-later');
  await until(async () => (await token()).state === 'usable');
  expect(await token()).toMatchObject({ state: 'usable', reason: null, refreshed_by: null });
  expect(issuer.requests).toBe(requests);
});

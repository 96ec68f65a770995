import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../kit/log.ts';
import { startNode, type RunningNode } from '../../../node/main.ts';
import { Folder } from '../config/folder.ts';
import { ociAccount, type OciUpstream, startOci } from '../../upstream/oci/upstream.ts';

const key = 'multi_account_proxy_key';
let upstream: OciUpstream;
let folder: Folder;
let node: RunningNode;

beforeEach(async () => {
  upstream = await startOci();
  folder = await Folder.create();
});
afterEach(async () => {
  await node.stop();
  await folder.remove();
  await upstream.close();
});

const account = (name: string, id: string, userKey: string, more = ''): string => {
  const { user, fingerprint, tenancy, compartment } = ociAccount(upstream, userKey);
  return `
[ACCOUNT_${name}]
id = ${id}
user = ${String(user)}
fingerprint = ${String(fingerprint)}
key_file = ./keys/oci.pem
tenancy = ${String(tenancy)}
compartment_id = ${String(compartment)}
region = us-chicago-1
base_url = ${upstream.url}
${more}`;
};

async function run(accounts: string): Promise<string> {
  await folder.write('keys/oci.pem', `${String(ociAccount(upstream)['key_content'])}OCI_API_KEY\n`);
  const text = `# three accounts
api_key = ${key}
[GLOBAL]
port = 0
[MODELS]
# the one that everybody uses
fast = xai.grok-3-mini
${accounts}`;
  const file = await folder.write('multi_config.conf', text);
  const { settings, file: configFile } = await folder.settings([
    '-multi-account',
    '--data-dir',
    join(folder.cwd, 'data'),
  ]);
  node = await startNode(settings, { log: silentLog, configFile });
  return file;
}

const call = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(node.url + path, { ...init, headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const chat = (model: string) =>
  call('/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello there' }] }),
  });

describe("a node with S4's multi_config.conf", () => {
  it('serves its accounts, by friendly names too, and keeps these in the file', async () => {
    const file = await run(account('1', 'one', 'sk-upstream-1'));
    const before = await readFile(file, 'utf8');
    expect(await call('/admin/models/refresh', { method: 'POST' })).toMatchObject({
      status: 200,
      body: { refreshed: ['one'], failed: [] },
    });
    for (const model of ['fast', 'grok-4', 'xai.grok-4', 'command-a-03-2025', 'oci/google.gemini-2.5-pro']) {
      const { status, body } = await chat(model);
      expect([status, model]).toEqual([200, model]);
      expect(body).toMatchObject({ choices: [{ message: { content: 'hello there' } }] });
    }
    expect((await chat('grok-5')).status).toBe(404);
    await node.stop();
    const after = await readFile(file, 'utf8');
    expect(after).toContain('# the one that everybody uses\nfast = xai.grok-3-mini\ncommand-a-03-2025 = ');
    const added = after.split('\n').filter((line) => !before.split('\n').includes(line));
    expect(added).toContain('grok-4 = xai.grok-4');
    expect(added.every((line) => /^[\w.-]+ = [a-z]+\.[\w.-]+$/.test(line))).toBe(true);
  });

  it('says of each account whether it works', async () => {
    await run(
      account('1', 'good', 'sk-upstream-1') +
        account('2', 'stranger', 'sk-wrong-key', 'enabled = false\n') +
        account('3', 'limited', 'sk-upstream:429'),
    );
    const { status, body } = await call('/test-oci');
    expect(status).toBe(200);
    expect(body).toEqual({
      ok: false,
      accounts: [
        { account: 'good', region: 'us-chicago-1', ok: true, models: 7, latency_ms: expect.any(Number) as number },
        expect.objectContaining({ account: 'stranger', ok: false, models: 0 }),
        expect.objectContaining({ account: 'limited', ok: false, error: expect.stringContaining('429') as string }),
      ],
    });
    const [, stranger] = body['accounts'] as { error: string }[];
    expect(stranger?.error).toMatch(/signature.*\(401 NotAuthenticated\) \[opc-request-id [0-9A-F/]+\]/);
    const report = await call('/admin/models/refresh', { method: 'POST' });
    expect(report.body).toMatchObject({ refreshed: ['good'], failed: [{ account: 'limited' }] });
  });

  it('goes on with other accounts where a key does not fit, and says which field it is', async () => {
    await run(
      account('1', 'good', 'sk-upstream-1') +
        account('2', 'misfit', 'sk-upstream-2').replace(/fingerprint = .*/, 'fingerprint = 00:11'),
    );
    expect((await chat('xai.grok-4')).status).toBe(200);
    const { body } = await call('/test-oci');
    const [, misfit] = body['accounts'] as { error: string }[];
    expect(misfit?.error).toMatch(/^fingerprint: 00:11 is not that of the key, which has/);
  });

  it('signs by the clock of the service where its own is wrong', async () => {
    upstream.clockSkewMs = -3_600_000;
    await run(account('1', 'one', 'sk-upstream-1'));
    expect((await chat('xai.grok-4')).status).toBe(200);
  });

  it('repeats a call without what the model refuses, and says so', async () => {
    await run(account('1', 'one', 'sk-upstream-1', 'api_format = GENERIC\n'));
    const response = await fetch(`${node.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({
        model: 'xai.grok-4',
        reasoning_effort: 'high',
        messages: [{ role: 'user', content: 'hi' }],
      }),
    });
    expect(response.status).toBe(200);
    const chats = upstream.requests.filter(({ method }) => method === 'POST').map(({ status }) => status);
    expect(chats).toEqual([400, 200]);
    expect(response.headers.get('x-aiproxy-dropped')).toBe('reasoning_effort');
  });
});

it('takes a config.conf with one account', async () => {
  await folder.write('oci.pem', String(ociAccount(upstream)['key_content']));
  const { user, fingerprint, tenancy } = ociAccount(upstream);
  const lines = { user, fingerprint, tenancy, key_file: './oci.pem', region: 'us-chicago-1', base_url: upstream.url };
  const text = Object.entries(lines)
    .map(([name, value]) => `${name} = ${String(value)}\n`)
    .join('');
  await writeFile(join(folder.cwd, 'config.conf'), `${text}api_key = ${key}\nport = 0\n`);
  const { settings } = await folder.settings(['-config', 'config.conf', '--data-dir', join(folder.cwd, 'data')]);
  node = await startNode(settings, { log: silentLog });
  expect((await chat('xai.grok-3-mini')).status).toBe(200);
  expect(upstream.requests.at(-1)?.json).toMatchObject({ compartmentId: tenancy });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runNode, type TestNode } from '../../running-node.ts';

let folder = '';
let node: TestNode;

const configured = {
  id: 'work',
  provider: 'openai-custom',
  base_url: 'http://127.0.0.1:9/v1',
  api_key: 'sk-configured',
  discovery: false,
  models: ['m'],
  max_concurrency: 3,
  weight: 5,
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-keeper-'));
  await start();
});

afterEach(async () => {
  await node.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  node = await runNode({ data_dir: folder, accounts: [configured] });
}

async function restart(): Promise<void> {
  await node.stop();
  await start();
}

async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const answer = await node.fetch(path, init);
  return { status: answer.status, ...(answer.status === 204 ? {} : ((await answer.json()) as object)) };
}

describe('a change of an account', () => {
  it('takes a field back to its default where it is null, also after a restart', async () => {
    const open = { models: null, max_concurrency: null, weight: 10 };
    expect(await call('PATCH', '/accounts/work', { models: null, max_concurrency: null, weight: null })).toMatchObject({
      status: 200,
      ...open,
    });
    await restart();
    expect(await call('GET', '/accounts/work')).toMatchObject(open);
  });

  it('refuses null for a field that must be there, and changes nothing', async () => {
    expect(await call('PATCH', '/accounts/work', { base_url: null, weight: 7 })).toMatchObject({
      status: 400,
      error: { code: 'invalid_account', field: 'base_url' },
    });
    expect(await call('GET', '/accounts/work')).toMatchObject({ weight: 5 });
  });

  it('that replaces a configured account brings none of the old fields back at a restart', async () => {
    await call('DELETE', '/accounts/work');
    const { id, provider, base_url } = configured;
    await call('POST', '/accounts', { id, provider, base_url, discovery: false });
    await restart();
    expect(await call('GET', '/accounts/work')).toMatchObject({ models: null, max_concurrency: null, weight: 10 });
  });

  it('refuses an id that stands for another path', async () => {
    const { provider, base_url } = configured;
    expect(await call('POST', '/accounts', { id: 'stats', provider, base_url })).toMatchObject({
      status: 400,
      error: { field: 'id' },
    });
  });

  it('refuses a key that no header can carry', async () => {
    expect(await call('PATCH', '/accounts/work', { api_key: 'one\ntwo' })).toMatchObject({
      status: 400,
      error: { code: 'invalid_account', field: 'api_key' },
    });
  });
});

describe('POST /admin/models/refresh', () => {
  it('names only accounts whose list was read', async () => {
    await call('POST', '/accounts', {
      id: 'idle',
      provider: 'amazonq',
      refresh_token: 'r',
      client_id: 'c',
      client_secret: 's',
      token_url: 'http://127.0.0.1:9/token',
      base_url: 'http://127.0.0.1:9',
    });
    expect(await call('POST', '/admin/models/refresh')).toMatchObject({
      refreshed: [],
      failed: [{ account: 'idle', reason: expect.any(String) as string }],
    });
  });
});

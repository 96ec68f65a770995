import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startNode, type NodeUnderTest } from '../node-under-test.ts';

let node: NodeUnderTest;
beforeEach(async () => {
  node = await startNode();
});
afterEach(() => node.server.stop());

interface Made {
  id: string;
  key: string;
}

async function make(fields: Record<string, unknown> = {}): Promise<Made> {
  const response = await node.send('POST', '/keys', { name: 'k', ...fields });
  expect(response.status).toBe(201);
  return (await response.json()) as Made;
}

async function refusal(fields: Record<string, unknown>): Promise<{ code: string; field?: string; message: string }> {
  const response = await node.send('POST', '/keys', { name: 'k', ...fields });
  expect(response.status, JSON.stringify(fields).slice(0, 200)).toBe(400);
  return ((await response.json()) as { error: { code: string; field?: string; message: string } }).error;
}

const everything = {
  role: 'viewer',
  expires_at: '2199-12-31T23:00:00-01:00',
  models: ['gpt-4o', 'claude-*', '*'],
  providers: ['openai-custom'],
  networks: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1'],
  accounts: ['work'],
  strategy: 'random',
  requests_per_minute: 60,
  tokens_per_minute: 100_000,
  concurrent_requests: 4,
  daily_token_budget: 1_000_000,
  monthly_token_budget: 20_000_000,
  daily_cost_budget: 2.5,
  monthly_cost_budget: 50,
  share_cache: true,
  store_prompts_days: 7,
};

describe('/keys', () => {
  it('shows a key once, and no cache keeps it', async () => {
    const response = await node.send('POST', '/keys', { name: 'for tests' });
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const made = (await response.json()) as Made;
    expect(made).toEqual({
      id: 'key0001',
      name: 'for tests',
      prefix: made.key.slice(0, 8),
      key: expect.stringMatching(/^aip_/),
    });
    expect(response.headers.get('location')).toBe('/keys/key0001');
    for (const path of ['/keys', '/keys/key0001']) expect(await (await node.get(path)).text()).not.toContain(made.key);
    expect(JSON.stringify(node.logged)).not.toContain(made.key);
  });

  it('takes every restriction and limit, and null takes each away', async () => {
    const owner = await node.send('POST', '/users', { username: 'ann', password: 'correct horse 9', role: 'user' });
    const { id: user_id } = (await owner.json()) as { id: string };
    const { id, key } = await make({ ...everything, user_id });
    const shown = await (await node.get(`/keys/${id}`)).json();
    const facts = { id, name: 'k', prefix: key.slice(0, 8), enabled: true, last_used_at: null };
    const created = { created_at: expect.stringMatching(/^20.*Z$/) };
    const told = { ...everything, user_id, expires_at: '2200-01-01T00:00:00.000Z' };
    expect(shown).toEqual({ ...told, ...facts, ...created });
    const nothing = Object.fromEntries(Object.keys(told).map((name) => [name, null]));
    const changed = await node.send('PATCH', `/keys/${id}`, nothing);
    expect(await changed.json()).toEqual({ ...nothing, share_cache: false, ...facts, ...created });
  });

  it('changes only what is given', async () => {
    const { id } = await make({ models: ['a'], requests_per_minute: 5 });
    const changed = await node.send('PATCH', `/keys/${id}`, { name: 'other', requests_per_minute: 6, enabled: false });
    expect(await changed.json()).toMatchObject({
      name: 'other',
      models: ['a'],
      requests_per_minute: 6,
      enabled: false,
    });
    for (const body of [{ name: null }, { enabled: null }, { id: 'x' }, { key: 'x' }, { prefix: 'x' }]) {
      expect((await node.send('PATCH', `/keys/${id}`, body)).status, JSON.stringify(body)).toBe(400);
    }
  });

  it('lists those of a user, page by page', async () => {
    const owner = await node.send('POST', '/users', { username: 'ann', password: 'correct horse 9', role: 'user' });
    const { id: user } = (await owner.json()) as { id: string };
    const own = [(await make({ user_id: user })).id, (await make({ user_id: user })).id];
    await make();
    const first = (await (await node.get(`/keys?user=${user}&limit=1`)).json()) as {
      keys: { id: string }[];
      next_cursor: string;
    };
    const second = await node.get(`/keys?user=${user}&limit=1&cursor=${first.next_cursor}`);
    const { keys, next_cursor } = (await second.json()) as { keys: { id: string }[]; next_cursor: null };
    expect([first.keys[0]?.id, keys[0]?.id, next_cursor]).toEqual([...own, null]);
    expect(await (await node.get('/keys?user=nobody')).json()).toEqual({ keys: [], next_cursor: null });
  });

  it('revokes a key at once', async () => {
    const { id, key } = await make({ role: 'viewer' });
    expect((await node.get('/auth/me', { 'x-api-key': key })).status).toBe(200);
    expect((await node.send('DELETE', `/keys/${id}`)).status).toBe(204);
    expect((await node.get('/auth/me', { 'x-api-key': key })).status).toBe(401);
    expect((await node.send('DELETE', `/keys/${id}`)).status).toBe(404);
  });

  it('takes Unix seconds, and refuses an end that has passed or that no calendar has', async () => {
    const { id } = await make({ expires_at: 7_258_118_400 });
    expect(await (await node.get(`/keys/${id}`)).json()).toMatchObject({ expires_at: '2200-01-01T00:00:00.000Z' });
    const bad = ['2020-01-01', 1_500_000_000, 1_893_456_000_000, '2200-02-30', 'tomorrow', '', -1, 1e308, {}, true];
    for (const expires_at of bad) expect((await refusal({ expires_at })).field, String(expires_at)).toBe('expires_at');
  });

  it.each([
    ['models', []],
    ['models', ['a*b']],
    ['models', 'gpt-4o'],
    ['models', Array.from({ length: 201 }, () => 'm')],
    ['providers', ['nope']],
    ['networks', ['10.0.0.0/33']],
    ['networks', ['example.com']],
    ['networks', ['10.0.0.1/8/8']],
    ['strategy', 'coin'],
    ['requests_per_minute', 0],
    ['requests_per_minute', 1.5],
    ['requests_per_minute', '60'],
    ['tokens_per_minute', 1e300],
    ['concurrent_requests', -1],
    ['daily_token_budget', 2 ** 53],
    ['daily_cost_budget', 9_000_001],
    ['monthly_cost_budget', -0.5],
    ['share_cache', 'yes'],
    ['store_prompts_days', 3_651],
    ['user_id', 7],
    ['role', 'a role'],
    ['is_admin', true],
  ])('refuses %s: %j', async (field, value) => {
    expect((await refusal({ [field]: value })).field).toMatch(new RegExp(String.raw`^${field}(\[\d+\])?$`));
  });

  it('keeps a key within one record of the mesh', async () => {
    const models = Array.from({ length: 200 }, (_, at) => `${at}`.padEnd(255, 'm'));
    expect((await refusal({ models })).message).toContain('49152 bytes');
  });
});

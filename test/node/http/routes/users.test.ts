import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminKey, startNode, type NodeUnderTest } from '../node-under-test.ts';

let node: NodeUnderTest;
beforeEach(async () => {
  node = await startNode({ trustedProxies: ['127.0.0.1'] });
});
afterEach(() => node.server.stop());

const password = 'correct horse 9';

async function add(username: string, role = 'user'): Promise<{ id: string }> {
  const response = await node.send('POST', '/users', { username, password, role });
  expect(response.status).toBe(201);
  return (await response.json()) as { id: string };
}

describe('/users', () => {
  it('adds a user, and never shows the password', async () => {
    const response = await node.send('POST', '/users', { username: 'ann', password, role: 'viewer' });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe('/users/user0001');
    const text = await response.text();
    expect(text).not.toContain(password);
    expect(JSON.parse(text)).toEqual({
      id: 'user0001',
      username: 'ann',
      role: 'viewer',
      enabled: true,
      created_at: expect.stringMatching(/^20.*Z$/),
      locked_until: null,
    });
    expect(await (await node.get('/users/user0001')).json()).toEqual(JSON.parse(text));
  });

  it('lists page by page', async () => {
    for (const name of ['a', 'b', 'c']) await add(name);
    const names: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const answer = await node.get(`/users?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      const page = (await answer.json()) as { users: { username: string }[]; next_cursor: string | null };
      names.push(...page.users.map(({ username }) => username));
      cursor = page.next_cursor;
    }
    expect(names).toEqual(['a', 'b', 'c']);
  });

  it('changes the fields given and removes', async () => {
    const { id } = await add('ann');
    const changed = await node.send('PATCH', `/users/${id}`, { role: 'operator', enabled: false });
    expect(await changed.json()).toMatchObject({ username: 'ann', role: 'operator', enabled: false });
    const login = await node.send('POST', '/auth/login', { username: 'ann', password });
    expect(login.status).toBe(401);
    const removed = await node.send('DELETE', `/users/${id}`);
    expect([removed.status, await removed.text()]).toEqual([204, '']);
    expect((await node.get(`/users/${id}`)).status).toBe(404);
  });

  it('hands on what the desk refuses', async () => {
    await add('ann');
    const code = async (body: unknown) => {
      const response = await node.send('POST', '/users', body);
      return [response.status, ((await response.json()) as { error: { code: string; field?: string } }).error];
    };
    const taken = await code({ username: 'ann', password, role: 'user' });
    expect(taken).toEqual([409, { code: 'username_taken', field: 'username', message: expect.any(String) }]);
    expect((await code({ username: 'bob', password: 'short', role: 'user' }))[0]).toBe(400);
    expect((await code({ username: 'bob', password, role: 'emperor' }))[1]).toMatchObject({
      code: 'role_not_found',
      field: 'role',
    });
    expect((await code({ username: 'bob', password }))[1]).toMatchObject({ code: 'invalid_request', field: 'role' });
  });

  it('gives nobody more than who asks has', async () => {
    await node.send('PUT', '/roles/keeper', { permissions: ['users:write', 'users:read'] });
    const made = await node.send('POST', '/keys', { name: 'k', role: 'keeper' });
    const { key } = (await made.json()) as { key: string };
    const refused = await node.send('POST', '/users', { username: 'bob', password, role: 'admin' }, key);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'permission_denied', field: 'role' } });
    const more = await node.send('PUT', '/roles/more', { permissions: ['cluster:write'] }, key);
    expect(more.status).toBe(403);
  });
});

describe('/auth', () => {
  async function login(body: unknown = { username: 'ann', password }, headers: Record<string, string> = {}) {
    return fetch(`${node.url}/auth/login`, { method: 'POST', body: JSON.stringify(body), headers });
  }

  it('logs a user in, tells who it is, refreshes once, and logs out', async () => {
    const { id } = await add('ann', 'viewer');
    const answer = await login();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const tokens = (await answer.json()) as { access_token: string; refresh_token: string };
    expect(tokens).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
    });
    const me = await node.get('/auth/me', { authorization: `Bearer ${tokens.access_token}` });
    expect(await me.json()).toMatchObject({ id, user: id, username: 'ann', key: null, role: 'viewer' });
    const again = { refresh_token: tokens.refresh_token };
    const fresh = await node.send('POST', '/auth/refresh', again, '');
    const { refresh_token } = (await fresh.json()) as { refresh_token: string };
    expect((await node.send('POST', '/auth/refresh', again, '')).status).toBe(401);
    expect((await node.send('POST', '/auth/logout', { refresh_token }, '')).status).toBe(204);
    expect((await node.send('POST', '/auth/logout', { refresh_token }, '')).status).toBe(204);
    expect((await node.send('POST', '/auth/refresh', { refresh_token }, '')).status).toBe(401);
  });

  it("says who a key is, and the node's own", async () => {
    const { id } = await add('ann', 'operator');
    const made = await node.send('POST', '/keys', { name: 'k', user_id: id, role: 'admin', expires_at: '2200-01-01' });
    const { key, id: keyId } = (await made.json()) as { key: string; id: string };
    const me = (await (await node.get('/auth/me', { 'x-api-key': key })).json()) as { permissions: string[] };
    expect(me).toMatchObject({ user: id, key: keyId, role: 'admin', expires_at: '2200-01-01T00:00:00.000Z' });
    expect(me.permissions).toContain('accounts:write');
    expect(me.permissions).not.toContain('users:write');
    const own = await (await node.get('/auth/me', { 'x-api-key': adminKey })).json();
    expect(own).toMatchObject({ id: 'admin', user: null, role: null, expires_at: null });
  });

  it('tells the desk where the client is, as trusted proxies say', async () => {
    await add('ann');
    await login();
    await login(undefined, { 'x-forwarded-for': '198.51.100.7' });
    expect(node.people.addresses).toEqual(['127.0.0.1', '198.51.100.7']);
  });

  it('answers an unknown name as a wrong password, and locks with a time to wait', async () => {
    await add('ann');
    const wrong = await login({ username: 'ann', password: 'wrong' });
    const unknown = await login({ username: 'nobody', password: 'wrong' });
    expect(wrong.status).toBe(401);
    expect(await unknown.text()).toBe(await wrong.text());
    for (let count = 0; count < 5; count++) await login({ username: 'ann', password: 'wrong' });
    const locked = await login();
    expect(locked.status).toBe(429);
    expect(locked.headers.get('retry-after')).toBe('60');
  });

  it('refuses what is no login without saying what came', async () => {
    for (const body of [
      {},
      { username: 'ann', password: ['secret-1'] },
      { username: 'ann', password, otp: 'secret-1' },
    ]) {
      const response = await login(body);
      expect(response.status).toBe(400);
      expect(await response.text()).not.toContain('secret-1');
    }
    const long = await login({ username: 'ann', password: 'secret-1'.repeat(1000) });
    expect([long.status, (await long.text()).includes('secret-1')]).toEqual([400, false]);
    expect(JSON.stringify(node.logged)).not.toContain('secret-1');
  });
});

describe('/roles', () => {
  it('lists, makes, shows and removes', async () => {
    const put = await node.send('PUT', '/roles/support', { permissions: ['traces:read', 'stats:read', 'traces:read'] });
    const role = { name: 'support', permissions: ['traces:read', 'stats:read'], built_in: false };
    expect([put.status, await put.json()]).toEqual([200, role]);
    expect(await (await node.get('/roles/support')).json()).toEqual(role);
    const list = (await (await node.get('/roles')).json()) as { roles: { name: string }[]; next_cursor: null };
    expect(list.next_cursor).toBeNull();
    expect(list.roles.map(({ name }) => name)).toEqual(['admin', 'operator', 'support', 'user', 'viewer']);
    expect((await node.send('DELETE', '/roles/support')).status).toBe(204);
    expect((await node.get('/roles/support')).status).toBe(404);
  });

  it('leaves those that are built in, and knows the permissions', async () => {
    expect((await node.send('PUT', '/roles/admin', { permissions: [] })).status).toBe(409);
    const unknown = await node.send('PUT', '/roles/x', { permissions: ['users:all'] });
    expect(await unknown.json()).toMatchObject({
      error: { field: 'permissions[0]', message: expect.stringContaining('users:read') },
    });
    for (const name of ['__proto__', 'a%20b', '%00', '..%2Fx', 'x'.repeat(65)]) {
      expect((await node.send('PUT', `/roles/${name}`, { permissions: [] })).status, name).toBe(400);
    }
  });
});

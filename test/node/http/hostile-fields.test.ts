import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { traceOf } from './memory-usage.ts';
import { startNode, type NodeUnderTest } from './node-under-test.ts';
import { realPeople, type RealPeople } from './real-people.ts';

let node: NodeUnderTest;
let people: RealPeople;
beforeEach(async () => {
  people = await realPeople(systemClock);
  node = await startNode({ people: people.desks });
});
afterEach(async () => {
  await node.server.stop();
  await people.stop();
});

const password = 'correct horse 9';

/** Every place that takes text from outside, and how it is shown again; the text is one that people may well write. */
const places: readonly { name: string; method: string; path: string; body?: (text: unknown) => unknown }[] = [
  { name: 'username', method: 'POST', path: '/users', body: (username) => ({ username, password, role: 'user' }) },
  { name: 'name of a key', method: 'POST', path: '/keys', body: (name) => ({ name }) },
  { name: 'models', method: 'POST', path: '/keys', body: (model) => ({ name: 'k', models: [model] }) },
  { name: 'accounts', method: 'POST', path: '/keys', body: (account) => ({ name: 'k', accounts: [account] }) },
  { name: 'user_id', method: 'POST', path: '/keys', body: (user_id) => ({ name: 'k', user_id }) },
  { name: 'role of a key', method: 'POST', path: '/keys', body: (role) => ({ name: 'k', role }) },
  { name: 'strategy', method: 'POST', path: '/keys', body: (strategy) => ({ name: 'k', strategy }) },
  { name: 'networks', method: 'POST', path: '/keys', body: (network) => ({ name: 'k', networks: [network] }) },
  { name: 'providers', method: 'POST', path: '/keys', body: (provider) => ({ name: 'k', providers: [provider] }) },
  { name: 'expires_at', method: 'POST', path: '/keys', body: (expires_at) => ({ name: 'k', expires_at }) },
  { name: 'permissions', method: 'PUT', path: '/roles/r', body: (permission) => ({ permissions: [permission] }) },
  { name: 'currency', method: 'PUT', path: '/prices/m', body: (currency) => ({ prompt: 1, currency }) },
  { name: 'login', method: 'POST', path: '/auth/login', body: (username) => ({ username, password }) },
  { name: 'password', method: 'POST', path: '/auth/login', body: (secret) => ({ username: 'a', password: secret }) },
  { name: 'refresh token', method: 'POST', path: '/auth/refresh', body: (refresh_token) => ({ refresh_token }) },
  { name: 'logout', method: 'POST', path: '/auth/logout', body: (refresh_token) => ({ refresh_token }) },
];

const targets = (text: string): readonly [string, string][] => {
  const coded = encodeURIComponent(text);
  return [
    ['GET', `/users/${coded}`],
    ['PATCH', `/users/${coded}`],
    ['DELETE', `/users/${coded}`],
    ['GET', `/keys/${coded}`],
    ['DELETE', `/keys/${coded}`],
    ['GET', `/keys?user=${coded}`],
    ['GET', `/keys?cursor=${coded}`],
    ['GET', `/roles/${coded}`],
    ['DELETE', `/roles/${coded}`],
    ['GET', `/traces/${coded}`],
    ['GET', `/traces?key=${coded}`],
    ['GET', `/traces?model=${coded}`],
    ['GET', `/traces?status=${coded}`],
    ['GET', `/traces?cursor=${coded}`],
    ['GET', `/usage?account=${coded}`],
    ['GET', `/usage?from=${coded}`],
    ['GET', `/usage?group_by=${coded}`],
    ['GET', `/prices/${coded}`],
    ['DELETE', `/prices/${coded}`],
  ];
};

/** What is well-formed text, and means something to a database, a page, a shell or a pattern only. */
const wellFormed = [
  "'; DROP TABLE users; --",
  "' OR '1'='1",
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '%',
  '*',
  '_%_',
  '../../etc/passwd',
  '${jndi:ldap://x}',
  '$(reboot)',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'null',
  '🙂 café 名前',
];

/** What nobody means: hides, moves or breaks what stands around it. */
const broken = [
  'a\0b',
  '\u0007',
  'a\nb',
  'a\r\nx-evil: 1',
  '\u202Egnp.exe',
  'a\u200Bb',
  '\u2028',
  '\uD800',
  ' zq',
  'zq ',
];

async function tried(method: string, path: string, body?: unknown) {
  const response = await node.send(method, path, body);
  const text = await response.text();
  expect(response.headers.get('x-evil')).toBeNull();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? text === '';
  expect(isJson, `${method} ${path}`).toBe(true);
  return { status: response.status, text };
}

/** Counts of what is kept, by what a list shows. */
async function kept() {
  const count = async (path: string, name: string) => {
    const answer = (await (await node.get(path)).json()) as Record<string, unknown[]>;
    return answer[name]?.length;
  };
  return [await count('/users', 'users'), await count('/roles', 'roles'), await count('/prices', 'prices')];
}

describe('text from outside', () => {
  it.each(wellFormed)('%s is itself or refused, and means nothing', async (text) => {
    for (const { name, method, path, body } of places) {
      const { status } = await tried(method, path, body?.(text));
      expect([200, 201, 204, 400, 401, 404], `${name}: ${status}`).toContain(status);
    }
    const before = await kept();
    for (const [method, path] of targets(text)) {
      const { status } = await tried(method, path, method === 'PATCH' ? { enabled: false } : undefined);
      expect([200, 400, 404], `${method} ${path}: ${status}`).toContain(status);
    }
    expect(await kept()).toEqual(before);
    const { users } = (await (await node.get('/users')).json()) as { users: { username: string }[] };
    expect(users.every(({ username }) => username === text)).toBe(true);
    const { keys } = (await (await node.get('/keys')).json()) as { keys: { name: string }[] };
    expect(keys.map(({ name }) => name)).toContain(text);
    expect({}.constructor).toBe(Object);
  });

  it.each(broken)('%j is refused everywhere, but for a password', async (text) => {
    for (const { name, method, path, body } of places) {
      const { status, text: answer } = await tried(method, path, body?.(text));
      const isToken = name === 'refresh token' || name === 'logout' || name === 'password';
      if (!isToken) expect(status, name).toBe(400);
      else expect([204, 400, 401], name).toContain(status);
      expect(answer, name).not.toContain(text);
    }
    if (!text.isWellFormed()) return;
    for (const [method, path] of targets(text)) {
      const { status } = await tried(method, path, method === 'PATCH' ? {} : undefined);
      expect(status, `${method} ${path}`).toBe(400);
    }
    expect((await kept())[0]).toBe(0);
  });

  it('has an end: 100,000 characters are refused, in an answer that is short', async () => {
    const text = 'x'.repeat(100_000);
    for (const { name, method, path, body } of places) {
      const answer = await tried(method, path, body?.(text));
      expect([answer.status, answer.text.length < 1_500], name).toEqual([400, true]);
      const unknown = await tried(method, path, { ...(body?.('x') as object), [text]: 1 });
      expect([unknown.status, unknown.text.length < 1_500], name).toEqual([400, true]);
    }
    const { status } = await tried('POST', '/users', { username: 'x'.repeat(2 ** 20), password, role: 'user' });
    expect(status).toBe(413);
  });
});

describe('values of other kinds', () => {
  const kinds: readonly unknown[] = [['a'], { $ne: null }, {}, 1, 1e308, -0, true, null, [[['a']]], { toString: 'x' }];

  it.each(kinds)('%j is refused where text is wanted', async (value) => {
    for (const { name, method, path, body } of places) {
      // Seconds since 1970 are a moment; null and 1e308 are none.
      const { status } = await tried(method, path, body?.(value));
      expect(status, name).toBe(400);
    }
  });

  it.each(['[]', '"text"', '7', 'null', 'true', '[{"name":"k"}]', '{"name":"k"', '{"name":1e999}'])(
    'a body of %s is refused',
    async (body) => {
      for (const { path, method } of places) expect((await tried(method, path, body)).status).toBe(400);
    },
  );

  it('refuses properties that it does not know, __proto__ among them', async () => {
    for (const { name, method, path, body } of places) {
      for (const extra of ['"__proto__":{"isAdmin":true}', '"constructor":{}', '"is_admin":true', '"id":"x"']) {
        const sent = JSON.stringify(body?.('x')).replace(/\}$/, `,${extra}}`);
        const { status } = await tried(method, path, sent);
        expect(status, `${name} ${extra}`).toBe(400);
      }
    }
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
    expect((await kept())[0]).toBe(0);
  });

  it('takes of two equal names the last, as JSON does, and checks that one', async () => {
    expect((await tried('POST', '/keys', '{"name":"k","role":"user","role":["admin"]}')).status).toBe(400);
  });
});

describe('ids of others', () => {
  it('open nothing of another kind', async () => {
    const user = await node.send('POST', '/users', { username: 'ann', password, role: 'user' });
    const { id: userId } = (await user.json()) as { id: string };
    const key = await node.send('POST', '/keys', { name: 'k' });
    const { id: keyId, key: secret } = (await key.json()) as { id: string; key: string };
    node.usage.all.push(traceOf({ requestId: 'r1', startedAtMs: 1 }));
    for (const path of [
      `/users/${keyId}`,
      `/keys/${userId}`,
      `/roles/${userId}`,
      `/traces/${keyId}`,
      `/prices/${keyId}`,
      `/keys/${secret}`,
      `/users/${userId}%20`,
      `/users/${userId.toUpperCase()}`,
      `/users/${userId}%2F..%2F${userId}`,
    ]) {
      for (const method of path.startsWith('/traces') ? ['GET'] : ['GET', 'DELETE']) {
        const { status } = await tried(method, path);
        expect([400, 404], `${method} ${path}`).toContain(status);
      }
    }
    expect((await node.get(`/users/${userId}`)).status).toBe(200);
    expect((await node.get(`/keys/${keyId}`)).status).toBe(200);
  });

  it('a key of nobody is not made that of a user who is not there', async () => {
    const { status, text } = await tried('POST', '/keys', { name: 'k', user_id: 'user9999' });
    expect([status, JSON.parse(text)]).toMatchObject([400, { error: { code: 'user_not_found', field: 'user_id' } }]);
  });
});

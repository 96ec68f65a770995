import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { PostgresServer } from '../../postgres-server.ts';
import { findProgram } from '../../programs.ts';
import { openaiAccount, runNode, type TestNode } from '../../running-node.ts';
import { start as startUpstream, type Upstream } from '../../upstream/upstream.ts';

/** How soon a revoked key is refused everywhere. */
const revocationMs = 1_000;
const patienceMs = 10_000;
const password = 'correct horse battery staple';

describe.skipIf(findProgram('postgres') === undefined)('nodes with a database in common and no mesh', () => {
  let server: PostgresServer;
  let upstream: Upstream;
  const nodes: TestNode[] = [];
  beforeAll(async () => {
    [server, upstream] = await Promise.all([PostgresServer.start(), startUpstream()]);
  }, 60_000);
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.stop();
  });
  afterAll(async () => {
    await upstream.close();
    await server.stop();
  });

  async function start(store: string, name: string, secret?: string): Promise<TestNode> {
    const cluster = { node_id: name, ...(secret === undefined ? {} : { secret }) };
    const node = await runNode({
      store,
      cluster,
      auth: { admin_password: password },
      accounts: [openaiAccount(upstream)],
    });
    nodes.push(node);
    return node;
  }

  async function makeKey(node: TestNode): Promise<{ id: string; key: string }> {
    const answer = await node.post('/keys', { name: 'shared', role: 'admin' });
    expect(answer.status).toBe(201);
    return (await answer.json()) as { id: string; key: string };
  }

  it('let in a key of either, and refuse it within a second once it is revoked at the other', async () => {
    const store = (await server.createDatabase()).reveal();
    const [one, other] = [await start(store, 'one'), await start(store, 'other')];
    const { id, key } = await makeKey(one);
    await until(() => isLetIn(other, key));
    const revoked = await other.fetch(`/keys/${id}`, { method: 'DELETE' });
    expect(revoked.status).toBe(204);
    expect(await isLetIn(other, key)).toBe(false);
    await until(async () => !(await isLetIn(one, key)), revocationMs);
  });

  it('accept the tokens of a login at the other where they were given the same secret, and only there', async () => {
    const url = async () => (await server.createDatabase()).reveal();
    for (const secret of ['a secret that both of them know', undefined]) {
      const store = await url();
      const one = await start(store, 'one', secret);
      await until(async () => (await users(one)).length === 1);
      const other = await start(store, 'other', secret);
      const answer = await one.post('/auth/login', { username: 'admin', password });
      const { access_token: token } = (await answer.json()) as { access_token: string };
      expect(await isLetIn(one, token)).toBe(true);
      const { key } = await makeKey(one);
      await until(() => isLetIn(other, key));
      expect(await isLetIn(other, token)).toBe(secret !== undefined);
    }
  });

  it('have one first user, whichever came first', async () => {
    const store = (await server.createDatabase()).reveal();
    const one = await start(store, 'one');
    await until(async () => (await users(one)).length === 1);
    const other = await start(store, 'other');
    expect(await users(other)).toEqual(await users(one));
  });

  it('have when they are ready what the others wrote while they were away', async () => {
    const store = (await server.createDatabase()).reveal();
    const [one, other] = [await start(store, 'one'), await start(store, 'other')];
    const { id, key } = await makeKey(one);
    await one.stop();
    nodes.shift();
    await until(() => isLetIn(other, key));
    expect((await other.fetch(`/keys/${id}`, { method: 'DELETE' })).status).toBe(204);
    const third = await start(store, 'third');
    expect(await isLetIn(third, key)).toBe(false);
    expect(await users(third)).toEqual(await users(other));
  });

  it('tell the whole usage and every trace at either, also of requests while the server was down', async () => {
    const store = (await server.createDatabase()).reveal();
    const [one, other] = [await start(store, 'one'), await start(store, 'other')];
    for (const node of [one, other, one]) expect(await ask(node)).toBe(200);
    await until(async () => (await requests(other)) === 3);
    await server.crash();
    expect(await ask(one)).toBe(200);
    expect((await one.fetch('/usage?group_by=model')).status).toBe(503);
    await server.start();
    await until(async () => (await requests(other)) === 4);
    expect(await requests(one)).toBe(4);
    const answer = await one.fetch('/traces');
    const { traces } = (await answer.json()) as { traces: { node: string }[] };
    expect(traces.map(({ node }) => node).sort()).toEqual(['one', 'one', 'one', 'other']);
  });

  it('start though the server is down, and tell each other all when it is back', async () => {
    const store = (await server.createDatabase()).reveal();
    await server.crash();
    const [one, other] = [await start(store, 'one'), await start(store, 'other')];
    const { id, key } = await makeKey(one);
    const { id: gone, key: goneKey } = await makeKey(one);
    expect((await one.fetch(`/keys/${gone}`, { method: 'DELETE' })).status).toBe(204);
    expect(await isLetIn(other, key)).toBe(false);
    await server.start();
    await until(() => isLetIn(other, key));
    expect(await isLetIn(other, goneKey)).toBe(false);
    await server.crash();
    expect((await other.fetch(`/keys/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await isLetIn(one, key)).toBe(true);
    await server.start();
    await until(async () => !(await isLetIn(one, key)));
  });
});

async function ask(node: TestNode): Promise<number> {
  const body = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };
  const answer = await node.post('/v1/chat/completions', body);
  await answer.body?.cancel();
  return answer.status;
}

/** Undefined where the store does not answer. */
async function requests(node: TestNode): Promise<number | undefined> {
  const answer = await node.fetch('/usage?group_by=model&model=m');
  const { rows } = (await answer.json()) as { rows?: { requests: number }[] };
  return rows?.reduce((sum, row) => sum + row.requests, 0);
}

async function users(node: TestNode): Promise<unknown[]> {
  const answer = await node.fetch('/users');
  return ((await answer.json()) as { users: unknown[] }).users;
}

async function isLetIn(node: TestNode, key: string): Promise<boolean> {
  const answer = await node.fetch('/keys', { headers: { authorization: `Bearer ${key}` } });
  await answer.body?.cancel();
  return answer.status === 200;
}

async function until(isSo: () => Promise<boolean>, withinMs = patienceMs): Promise<void> {
  const endMs = systemClock.monotonicMs() + withinMs;
  while (!(await isSo())) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`not so after ${withinMs} ms`);
    await systemClock.sleep(10);
  }
}

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { PostgresServer } from '../../postgres-server.ts';
import { findProgram } from '../../programs.ts';
import { runNode, type TestNode } from '../../running-node.ts';

/** How soon a revoked key is refused everywhere. */
const revocationMs = 1_000;
const patienceMs = 10_000;

describe.skipIf(findProgram('postgres') === undefined)('nodes with a database in common and no mesh', () => {
  let server: PostgresServer;
  const nodes: TestNode[] = [];
  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 60_000);
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.stop();
  });
  afterAll(() => server.stop());

  async function start(store: string, name: string): Promise<TestNode> {
    const node = await runNode({ store, cluster: { node_id: name } });
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

async function users(node: TestNode): Promise<unknown[]> {
  const answer = await node.fetch('/users');
  return ((await answer.json()) as { users: unknown[] }).users;
}

async function isLetIn(node: TestNode, key: string): Promise<boolean> {
  const answer = await fetch(`${node.url}/keys`, { headers: { authorization: `Bearer ${key}` } });
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

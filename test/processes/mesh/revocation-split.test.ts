import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openaiAccount } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';
import { startFaultyMesh, type FaultyMesh } from './faulty-mesh.ts';
import { MeshClient } from './mesh-client.ts';
import { until } from './mesh-of-processes.ts';
import { MeshPeople } from './mesh-people.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

/** Far above what it takes: machines that run tests are busy. */
const boundMs = 60_000;

const model = 'gpt-4o-mini';
const lone = 2;

let upstream: Upstream;
let faulty: FaultyMesh;
let client: MeshClient;
let people: MeshPeople;

beforeAll(async () => {
  upstream = await start();
  const settings = { accounts: [openaiAccount(upstream, 'work', { models: [model] })] };
  faulty = await startFaultyMesh({ count: 3, settings });
  client = new MeshClient(faulty.mesh);
  people = new MeshPeople(client, model);
});
afterAll(async () => {
  await faulty.stop();
  await upstream.close();
});

async function split(): Promise<void> {
  faulty.isolate(lone, 'hole');
  const isDead = async (asked: number, of: number) =>
    (await faulty.mesh.status(asked)).members.some(
      ({ node_id, state }) => node_id === faulty.mesh.ids[of] && state === 'dead',
    );
  for (const other of [0, 1]) {
    await until(() => isDead(other, lone), boundMs, `the lone one is dead for ${other}`);
    await until(() => isDead(lone, other), boundMs, `${other} is dead for the lone one`);
  }
}

async function heal(): Promise<void> {
  faulty.isolate(lone, 'clear');
  await faulty.mesh.whole();
}

describe('what was written on the cut-off side', () => {
  it('never brings back a key or a user who is gone on the other, whether it was written before or after', async () => {
    const dora = await people.addUser(0, 'dora');
    const before = await people.addKey(0, { name: 'changed before' });
    const after = await people.addKey(0, { name: 'changed after' });
    const hers = await people.addKey(0, { name: 'of dora', user_id: dora.id });
    await split();
    const rename = (id: string) => client.manage(lone, 'PATCH', `/keys/${id}`, { name: 'changed on the cut-off side' });
    await rename(before.id);
    await client.manage(0, 'DELETE', `/keys/${before.id}`);
    await client.manage(1, 'DELETE', `/keys/${after.id}`);
    await client.manage(1, 'DELETE', `/users/${dora.id}`);
    await rename(after.id);
    await rename(hers.id);
    await client.manage(lone, 'PATCH', `/users/${dora.id}`, { username: 'dorothy' });
    const lateKey = await people.addKey(lone, { name: 'made for one who is gone', user_id: dora.id });
    const keys = [before.key, after.key, hers.key, lateKey.key];
    for (const key of keys) expect(await people.ask(0, key)).toBe(401);
    await heal();
    for (const key of keys) {
      const isGone = async () => (await people.askAll(key)).every((status) => status === 401);
      await until(isGone, boundMs, 'it is refused by all');
    }
    for (const node of faulty.mesh.nodes) {
      for (const path of [`/keys/${before.id}`, `/keys/${after.id}`, `/keys/${hers.id}`, `/users/${dora.id}`])
        await until(async () => (await node.fetch(path)).status === 404, boundMs, `${path} is gone`);
    }
  });

  it('does not let in again whom the other disabled', async () => {
    const finn = await people.addUser(0, 'finn');
    const his = await people.addKey(0, { name: 'of finn', user_id: finn.id });
    const own = await people.addKey(0, { name: 'disabled itself' });
    await split();
    await client.manage(0, 'PATCH', `/users/${finn.id}`, { enabled: false });
    await client.manage(0, 'PATCH', `/keys/${own.id}`, { enabled: false });
    await client.manage(lone, 'PATCH', `/users/${finn.id}`, { username: 'finnegan' });
    await client.manage(lone, 'PATCH', `/keys/${own.id}`, { name: 'another name' });
    await heal();
    await until(
      async () => {
        const seen = await Promise.all(
          faulty.mesh.nodes.map(async (node) =>
            JSON.stringify([
              await (await node.fetch(`/keys/${own.id}`)).json(),
              await (await node.fetch(`/users/${finn.id}`)).json(),
            ]),
          ),
        );
        return new Set(seen).size === 1;
      },
      boundMs,
      'all say the same',
    );
    expect(await people.askAll(his.key)).toEqual([401, 401, 401]);
    expect(await people.askAll(own.key)).toEqual([401, 401, 401]);
  });
});

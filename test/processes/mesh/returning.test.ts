import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openaiAccount } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';
import { MeshClient } from './mesh-client.ts';
import { startMesh, until, type MeshOfProcesses } from './mesh-of-processes.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

/** Far above what it takes: machines that run tests are busy. */
const boundMs = 60_000;

let upstream: Upstream;
let mesh: MeshOfProcesses;
let client: MeshClient;

async function startThree(isMeshOn: boolean): Promise<void> {
  upstream = await start();
  const accounts = ['first', 'second', 'third'].map((id) => openaiAccount(upstream, id, { models: [id] }));
  mesh = await startMesh({ count: 3, isMeshOn, settings: { accounts }, areFoldersApart: true });
  client = new MeshClient(mesh);
}

async function stopAll(): Promise<void> {
  await mesh.stop();
  await upstream.close();
}

const madeAs = (id: string) => openaiAccount(upstream, id, { models: [id] });

async function statusOf(index: number, id: string): Promise<number> {
  return (await client.ask(index, id, { prompt: `${id} at ${index}` })).status;
}

/** Changes made while node 3 knows of them, and others made while it is away; then it comes back with its disk. */
async function changeWhileAway(): Promise<void> {
  await client.manage(2, 'POST', '/accounts', madeAs('deleted-meanwhile'));
  await client.manage(2, 'POST', '/accounts/first/disable');
  expect(await statusOf(2, 'deleted-meanwhile')).toBe(200);
  expect(await statusOf(0, 'first')).toBe(503);
  client.node(2).signal('SIGKILL');
  await client.node(2).exited;
  await client.manage(0, 'DELETE', '/accounts/deleted-meanwhile');
  await client.manage(0, 'DELETE', '/accounts/third');
  await client.manage(1, 'POST', '/accounts', madeAs('made-meanwhile'));
  await client.manage(1, 'POST', '/accounts/first/enable');
  await client.manage(1, 'POST', '/accounts/second/disable');
  await client.manage(0, 'PUT', '/loadbalancer/algorithm', { algorithm: 'least_requests' });
  await mesh.restart(2);
}

/** Index by index, what each node says of them all. */
async function isAsLastSaid(index: number): Promise<boolean> {
  const ids = ['first', 'second', 'made-meanwhile', 'deleted-meanwhile', 'third'];
  const found = await Promise.all(ids.map((id) => statusOf(index, id)));
  const { strategy } = await client.json(index, '/accounts/stats');
  return JSON.stringify([...found, strategy]) === JSON.stringify([200, 503, 200, 404, 404, 'least_requests']);
}

describe('a member that was away', () => {
  beforeAll(() => startThree(true));
  afterAll(stopAll);

  it('takes what the others decided meanwhile, and revives nothing', async () => {
    await changeWhileAway();
    await mesh.whole();
    for (const index of [2, 0, 1]) expect(await isAsLastSaid(index), `node ${index}`).toBe(true);
  });

  it('is let in with an empty folder once its former self is dead, and is told everything', async () => {
    client.node(2).signal('SIGKILL');
    await client.node(2).exited;
    await mesh.loseFolder(2);
    await mesh.restart(2);
    await mesh.whole();
    for (const index of [2, 0, 1]) await until(() => isAsLastSaid(index), boundMs, `told to ${index}`);
    const { members } = await mesh.status(0);
    expect(members.filter(({ node_id }) => node_id === 'node3')).toHaveLength(1);
  });
});

describe('nodes that know nothing of each other', () => {
  beforeAll(() => startThree(false));
  afterAll(stopAll);

  it('cannot do that', () => expect(changeWhileAway().then(() => isAsLastSaid(2))).rejects.toThrow());
});

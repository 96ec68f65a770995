import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openaiAccount } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';
import { MeshClient } from './mesh-client.ts';
import { startMesh, type MeshOfProcesses } from './mesh-of-processes.ts';
import { MeshPeople, type Watched } from './mesh-people.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const model = 'gpt-4o-mini';

let upstream: Upstream;
let mesh: MeshOfProcesses;
let client: MeshClient;
let people: MeshPeople;

async function startThree(isMeshOn: boolean): Promise<void> {
  upstream = await start();
  const settings = { accounts: [openaiAccount(upstream, 'work', { models: [model] })] };
  mesh = await startMesh({ count: 3, isMeshOn, settings, areFoldersApart: true });
  client = new MeshClient(mesh);
  people = new MeshPeople(client, model);
}

async function stopAll(): Promise<void> {
  await mesh.stop();
  await upstream.close();
}

/** Good until the change was begun, and refused with this whatever was sent after its call had returned. */
function expectRefused(what: string, { answers, begunMs, doneMs }: Watched, refused: number): void {
  const before = answers.filter(({ cameMs }) => cameMs < begunMs);
  const between = answers.filter(({ cameMs, sentMs }) => cameMs >= begunMs && sentMs <= doneMs);
  const after = answers.filter(({ sentMs }) => sentMs > doneMs);
  expect(new Set(before.map(({ status }) => status))).toEqual(new Set([200]));
  for (const { status } of between) expect([200, refused]).toContain(status);
  expect(new Set(after.map(({ status }) => status))).toEqual(new Set([refused]));
  const lastMs = Math.max(begunMs, ...answers.filter(({ status }) => status === 200).map(({ sentMs }) => sentMs));
  console.log(`${what}: call ${ms(doneMs - begunMs)}, last let in ${ms(lastMs - begunMs)} after it was begun`);
}

const ms = (value: number) => `${value.toFixed(0)} ms`;

const allAre = (status: number) => [status, status, status];

describe('over three nodes', () => {
  beforeAll(() => startThree(true));
  afterAll(stopAll);

  it('a new key and a new login are good everywhere once the call is answered', async () => {
    const ann = await people.addUser(0, 'ann');
    const { key } = await people.addKey(1, { name: 'laptop', user_id: ann.id });
    expect(await people.askAll(key)).toEqual(allAre(200));
    const { key: nobodys } = await people.addKey(2, { name: 'of nobody' });
    expect(await people.askAll(nobodys)).toEqual(allAre(200));
    expect(await people.askAll(await people.login(2, ann))).toEqual(allAre(200));
  });

  it('a revoked key is refused by every member once the call is answered, and stays gone', async () => {
    const { id, key } = await people.addKey(0, { name: 'to be revoked' });
    expectRefused('revoked key', await people.watch(key, () => client.manage(1, 'DELETE', `/keys/${id}`)), 401);
    expect(await people.statusesOf('/auth/me', key)).toEqual(allAre(401));
    for (const node of mesh.nodes) expect((await node.fetch(`/keys/${id}`)).status).toBe(404);
  });

  it('a key that is disabled, or may no longer ask for the model, is refused likewise', async () => {
    const { id, key } = await people.addKey(2, { name: 'switched' });
    const path = `/keys/${id}`;
    const off = await people.watch(key, () => client.manage(0, 'PATCH', path, { enabled: false }));
    expectRefused('disabled key', off, 401);
    await client.manage(1, 'PATCH', path, { enabled: true });
    expect(await people.askAll(key)).toEqual(allAre(200));
    const narrowed = await people.watch(key, () => client.manage(0, 'PATCH', path, { models: ['another'] }));
    expectRefused('narrowed key', narrowed, 403);
  });

  it('a user who is disabled or removed takes his keys and tokens along', async () => {
    const bob = await people.addUser(0, 'bob');
    const { key } = await people.addKey(0, { name: 'of bob', user_id: bob.id });
    const token = await people.login(1, bob);
    const off = await people.watch(key, () => client.manage(1, 'PATCH', `/users/${bob.id}`, { enabled: false }));
    expectRefused('key of a disabled user', off, 401);
    expect(await people.askAll(token)).toEqual(allAre(401));
    await client.manage(2, 'PATCH', `/users/${bob.id}`, { enabled: true });
    expect(await people.askAll(key)).toEqual(allAre(200));
    const again = await people.login(0, bob);
    const gone = await people.watch(again, () => client.manage(2, 'DELETE', `/users/${bob.id}`));
    expectRefused('token of a removed user', gone, 401);
    expect(await people.askAll(key)).toEqual(allAre(401));
  });

  it('a role that is taken away is gone for keys and tokens alike', async () => {
    const eve = await people.addUser(0, 'eve', 'admin');
    const { key } = await people.addKey(0, { name: 'of eve', user_id: eve.id, role: 'admin' });
    const token = await people.login(0, eve);
    expect(await people.statusesOf('/users', token)).toEqual(allAre(200));
    const demoted = await people.watch(token, () => client.manage(1, 'PATCH', `/users/${eve.id}`, { role: 'viewer' }));
    expectRefused('token of a demoted user', demoted, 403);
    expect(await people.askAll(key)).toEqual(allAre(403));
    for (const credential of [key, token]) expect(await people.statusesOf('/users', credential)).toEqual(allAre(403));
  });

  it('a lowered limit holds for all members together', async () => {
    const { id, key } = await people.addKey(0, { name: 'lowered', requests_per_minute: 1_000_000 });
    const lower = () => client.manage(1, 'PATCH', `/keys/${id}`, { requests_per_minute: 3 });
    const { answers, begunMs, doneMs } = await people.watch(key, lower);
    const before = answers.filter(({ cameMs }) => cameMs < begunMs);
    expect(new Set(before.map(({ status }) => status))).toEqual(new Set([200]));
    const after = answers.filter(({ sentMs }) => sentMs > doneMs);
    const admitted = after.filter(({ status }) => status === 200).length;
    console.log(`lowered limit: ${admitted} of 3 let in within ${ms((after.at(-1)?.cameMs ?? 0) - doneMs)} after`);
    const minutes = ((after.at(-1)?.cameMs ?? 0) - doneMs) / 60_000;
    expect(admitted).toBeLessThanOrEqual(3 + Math.ceil(3 * minutes));
    for (const index of [0, 1, 2]) expect(after.findLast(({ node }) => node === index)?.status).toBe(429);
  });

  it('a member that was killed before refuses from its first answer on', async () => {
    const cid = await people.addUser(0, 'cid');
    const gone = await people.addKey(2, { name: 'gone meanwhile' });
    const left = await people.addKey(2, { name: 'of cid', user_id: cid.id });
    const kept = await people.addKey(2, { name: 'kept' });
    const token = await people.login(2, cid);
    expect(await Promise.all([gone.key, left.key, token].map((key) => people.ask(2, key)))).toEqual(allAre(200));
    client.node(2).signal('SIGKILL');
    await client.node(2).exited;
    await client.manage(1, 'DELETE', `/keys/${gone.id}`);
    await client.manage(0, 'DELETE', `/users/${cid.id}`);
    const node = await mesh.restart(2);
    const early = new Set<number>();
    while ((await node.fetch('/health/ready')).status !== 200) early.add(await people.ask(2, gone.key));
    console.log(`before it was ready it answered ${[...early].join(', ') || 'nothing'}`);
    for (const key of [gone.key, left.key, token]) expect(await people.ask(2, key)).toBe(401);
    expect(await people.ask(2, kept.key)).toBe(200);
    await mesh.whole();
    for (const key of [gone.key, left.key, token]) expect(await people.askAll(key)).toEqual(allAre(401));
  });
});

describe('nodes that know nothing of each other', () => {
  beforeAll(() => startThree(false));
  afterAll(stopAll);

  it('cannot do that', async () => {
    const { key } = await people.addKey(0, { name: 'of one node' });
    expect(await people.askAll(key)).toEqual([200, 401, 401]);
  });
});

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { MemberMesh } from '../../../cluster/mesh.ts';
import { openCluster } from '../../../cluster/open-cluster.ts';
import { clusterSettings } from '../../../cluster/settings.ts';
import { systemClock } from '../../../kit/clock.ts';
import { silentLog } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { openaiAccount } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';
import { freePorts } from './free-ports.ts';
import { MeshClient } from './mesh-client.ts';
import { meshSecret, startMesh, until, type MeshOfProcesses } from './mesh-of-processes.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

/** Far above what it takes: machines that run tests are busy. */
const boundMs = 60_000;

const all = [0, 1];
let upstream: Upstream;
let mesh: MeshOfProcesses;
let client: MeshClient;

beforeAll(async () => {
  upstream = await start();
  const accounts = [openaiAccount(upstream, 'work', { models: ['work'] })];
  // The second knows the first by its mesh address alone.
  const settingsOf = (index: number, [port = 0]: readonly number[]) =>
    index === 0 ? {} : { cluster: { seed_nodes: [`/ip4/127.0.0.1/tcp/${port + 10_000}`] } };
  mesh = await startMesh({ count: 2, isMeshOn: true, settings: { accounts }, settingsOf, areFoldersApart: true });
  client = new MeshClient(mesh);
});
afterAll(async () => {
  await mesh.stop();
  await upstream.close();
});

async function metric(index: number, line: string): Promise<number> {
  const text = await (await client.node(index).fetch('/metrics')).text();
  const found = text.split('\n').find((each) => each.startsWith(`${line} `));
  return Number(found?.slice(line.length));
}

/** The two see each other and nobody else, agree, have a leader, and act as one. */
async function areWell(): Promise<void> {
  await mesh.whole();
  await actAsOne();
}

/** What is done at one holds at the other. */
async function actAsOne(): Promise<void> {
  for (const index of all) {
    await client.manage(index, 'POST', '/accounts/work/disable');
    for (const each of all) expect((await client.ask(each, 'work')).status).toBe(503);
    await client.manage(index, 'POST', '/accounts/work/enable');
    for (const each of all) expect((await client.ask(each, 'work')).status).toBe(200);
  }
}

/** Connects, says it, and hangs up, or holds the connection. */
async function say(port: number, bytes: Uint8Array | string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const gone = new Promise((done) => socket.once('close', done));
  await Promise.race([once(socket, 'connect').catch(() => undefined), gone]);
  socket.write(bytes);
  return socket;
}

describe('strangers at the mesh port', () => {
  it('that speak nonsense, thousands of them, and some that stay and say nothing, harm nobody', async () => {
    const port = mesh.ports[0]! + 10_000;
    const garbage = ['', 'GET / HTTP/1.1\r\n\r\n', '\u0013/multistream/1.0.0\n', new Uint8Array(4096).fill(0xff)];
    const held = await Promise.all(Array.from({ length: 100 }, () => say(port, '')));
    for (let batch = 0; batch < 20; batch++) {
      const sockets = await Promise.all(Array.from({ length: 100 }, (_, n) => say(port, garbage[n % 4]!)));
      for (const socket of sockets) socket.destroy();
    }
    await areWell();
    // The port still takes members.
    client.node(1).signal('SIGKILL');
    await client.node(1).exited;
    await mesh.restart(1);
    await areWell();
    for (const socket of held) socket.destroy();
  });
});

/** A member that has the secret and joined, and may then say what it likes. */
async function joinAsMember(): Promise<{ hostile: MemberMesh; leave(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'aiproxy-hostile-'));
  const [port = 0] = await freePorts(1);
  const store = { save: (_: unknown, done: () => void) => done(), forget: (_: unknown, done: () => void) => done() };
  const hostile = await openCluster({
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    settings: clusterSettings.parse({ enabled: true, secret: meshSecret, seed_nodes: [`127.0.0.1:${mesh.ports[0]}`] }),
    nodeId: 'mallory',
    address: `127.0.0.1:${port}`,
    host: '127.0.0.1',
    meshPort: port + 10_000,
    version: '0.0.0',
    folder,
    dataDir: folder,
    records: { kept: [], store },
    onClosed: () => rm(folder, { recursive: true, force: true }),
  });
  await hostile.start(() => undefined);
  await until(() => hostile.post.reachable().length === all.length, boundMs, 'it has joined');
  return { hostile, leave: () => hostile.leave(true) };
}

describe('a member that speaks the protocol badly', () => {
  it('is counted and dropped; nothing of it is kept, and the others stay alive and of one mind', async () => {
    const before = await Promise.all(all.map((index) => metric(index, 'aiproxy_cluster_records')));
    const { hostile, leave } = await joinAsMember();
    const { post, members } = hostile;
    const say = (kind: string, body: unknown) => post.broadcast(kind, body);
    const aheadMs = Date.now() + 86_400_000;
    const record = (id: string, major: number, payload: unknown) => [
      'accounts',
      id,
      major,
      0,
      'mallory',
      false,
      payload,
    ];
    const added = { kind: 'added', fields: openaiAccount(upstream, 'poison', { models: ['poison'] }) };
    for (let round = 0; round < 50; round++) {
      // Records from the future, too large, of no known form.
      say('records/push', { r: [record('poison', aheadMs, added)], p: 8 });
      say('records/push', { r: [record('poison', Number.MAX_SAFE_INTEGER, added)], p: 8 });
      say('records/push', { r: [record('big', Date.now(), 'x'.repeat(100_000))], p: 8 });
      say('records/push', { r: Array.from({ length: 5000 }, () => 0), p: -1 });
      // What others say of themselves, from an incarnation or a version that they never had.
      for (const { nodeId, incarnation } of members.all) {
        if (nodeId === 'mallory') continue;
        const lie = [['load/work', 1_000_000, [999, 0, 0, 0]]];
        say('gossip/push', { d: [{ n: nodeId, i: incarnation, f: 0, t: 1_000_000, g: 0, e: lie }], p: 8 });
        say('gossip/push', { d: [{ n: nodeId, i: 2 ** 52, f: 0, t: 1_000_000, g: 0, e: lie }], p: 8 });
        const facts = { id: nodeId, peer: 'x', at: '127.0.0.1:1', mesh: [], v: '', since: 0 };
        say('swim.news', { c: [{ ...facts, inc: Number.MAX_SAFE_INTEGER - 1, s: 2, by: 'mallory' }] });
        say('swim.news', [{ ...facts, inc: incarnation + 1_000_000, s: 3 }]);
      }
      say('leader/heartbeat', { term: 2 ** 40, sequence: 1, isSettled: true, config: { voters: ['mallory'] } });
      for (const kind of ['link.hello', 'link.welcome', 'swim.ping', 'leader/vote', 'no such kind'])
        for (const body of [null, [], 'x', { p: 1e308 }, { p: [[[[[]]]]] }]) say(kind, body);
      await systemClock.sleep(1);
    }
    const refused = () => metric(0, 'aiproxy_cluster_messages_total{direction="refused"}');
    await until(async () => (await refused()) > 0, boundMs, 'what it said was refused');
    await leave();
    for (const index of all) {
      const { members: seen } = await mesh.status(index);
      const states = Object.fromEntries(seen.map(({ node_id, state }) => [node_id, state]));
      expect(states).toMatchObject({ node1: 'alive', node2: 'alive' });
      expect((await client.node(index).fetch('/accounts/poison')).status).toBe(404);
    }
    await areWell();
    for (const index of all) {
      expect(await metric(index, 'aiproxy_cluster_records')).toBeLessThanOrEqual(before[index]! + 5);
      expect(Number((await client.json(index, '/accounts/work'))['remote_in_flight'])).toBe(0);
    }
  });

  it('in floods does not keep the others from each other', async () => {
    const { hostile, leave } = await joinAsMember();
    const body = { r: [], p: 0, noise: 'x'.repeat(2000) };
    for (let n = 0; n < 20_000; n++) hostile.post.broadcast('records/push', body);
    for (let n = 0; n < 5000; n++) hostile.state.set(`load/${n}`, [0, 0, 0, 0]);
    await actAsOne();
    await leave();
    await areWell();
  });
});

import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FaultProxy } from '../../faultproxy/fault-proxy.ts';
import { openaiAccount } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';
import { freePorts } from './free-ports.ts';
import { MeshClient } from './mesh-client.ts';
import { startMesh, until, type MeshOfProcesses } from './mesh-of-processes.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Far above what it takes: machines that run tests are busy. */
const boundMs = 40_000;

const reroute = resolve(import.meta.dirname, '../../faultproxy/reroute.ts');

describe.each([
  ['a member that reaches no provider while another does', true],
  ['a node alone that reaches no provider', false],
] as const)('%s', (_, isMeshOn) => {
  let upstreams: Upstream[];
  let mesh: MeshOfProcesses;
  let client: MeshClient;
  /** Where the first node's connections to the upstreams go; nobody listens there until its network is mended. */
  let elsewhere: number[];
  let mended: FaultProxy[];
  beforeAll(async () => {
    upstreams = [await start(), await start()];
    elsewhere = await freePorts(2);
    mended = [];
    const ports = upstreams.map(({ openaiBaseUrl }) => Number(new URL(openaiBaseUrl).port));
    const routes = Object.fromEntries(ports.map((port, n) => [port, elsewhere[n]]));
    const accounts = upstreams.map((upstream, n) => openaiAccount(upstream, `a${n}`, { models: [`a${n}`] }));
    mesh = await startMesh({
      count: 2,
      isMeshOn,
      settings: { accounts, limits: { retry_attempts: 1 } },
      envOf: (index) =>
        Promise.resolve<Record<string, string>>(
          index === 0 ? { NODE_OPTIONS: `--import ${reroute}`, AIPROXY_TEST_REROUTE: JSON.stringify(routes) } : {},
        ),
    });
    client = new MeshClient(mesh);
  });
  afterAll(async () => {
    await mesh.stop();
    await Promise.all(mended.map((proxy) => proxy.stop()));
    await Promise.all(upstreams.map((upstream) => upstream.close()));
  });

  const readiness = async () => {
    const answer = await client.node(0).fetch('/health/ready');
    await answer.arrayBuffer();
    return answer.status;
  };

  async function takesItsOwnNetworkForBroken(): Promise<void> {
    expect(await readiness()).toBe(200);
    for (const model of ['a0', 'a1'])
      for (let n = 0; n < 5; n++) expect((await client.ask(0, model, { prompt: `${n}` })).status).toBeGreaterThan(499);
    expect([await client.breakerOf(0, 'a0'), await client.breakerOf(0, 'a1')]).toEqual([true, true]);
    expect(await readiness()).toBe(503);
  }

  if (isMeshOn) {
    it('says so, is not ready, is not believed, and is well again once it reaches one', async () => {
      await takesItsOwnNetworkForBroken();
      expect(client.node(0).stderr()).toContain('the network of this node is at fault');
      for (const id of ['a0', 'a1']) {
        await until(async () => !(await client.breakerOf(1, id)), boundMs, `${id} is not taken for broken elsewhere`);
        expect((await client.ask(1, id)).status).toBe(200);
      }
      const { members } = await mesh.status(1);
      expect(members.find(({ node_id }) => node_id === 'node1')?.health).toBe('own_network');
      for (const [n, { openaiBaseUrl }] of upstreams.entries()) {
        const proxy = new FaultProxy(Number(new URL(openaiBaseUrl).port));
        mended.push(proxy);
        await proxy.start(elsewhere[n]);
      }
      await until(async () => (await readiness()) === 200, boundMs, 'it is ready again');
      for (const id of ['a0', 'a1']) expect((await client.ask(0, id)).status).toBe(200);
    });
  } else it('cannot know that', () => expect(takesItsOwnNetworkForBroken()).rejects.toThrow('expected 200 to be 503'));
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClusterStatus } from '../../../node/http/routes/cluster-shapes.ts';
import { openaiAccount } from '../../running-node.ts';
import { start } from '../../upstream/upstream.ts';
import { startAsTyped, type NodeProcess } from '../node-process.ts';
import { freePorts } from './free-ports.ts';
import { MeshClient } from './mesh-client.ts';
import { startMesh, until, type MeshOfProcesses } from './mesh-of-processes.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

/** Far above what it takes: machines that run tests are busy. */
const boundMs = 60_000;

let mesh: MeshOfProcesses | undefined;
afterEach(async () => {
  await mesh?.stop();
  mesh = undefined;
});

describe('nodes that are started at the same time', () => {
  it('with one list of seeds for all found one cluster with one leader', async () => {
    const settingsOf = (_: number, ports: readonly number[]) => ({
      cluster: { seed_nodes: ports.map((port) => `127.0.0.1:${port}`) },
    });
    mesh = await startMesh({
      count: 3,
      isMeshOn: true,
      settings: {},
      settingsOf,
      areFoldersApart: true,
      areStartedAtOnce: true,
    });
    const { ids, status } = { ids: mesh.ids, status: (index: number) => mesh!.status(index) };
    const haveAllVotes = async () =>
      (await Promise.all([0, 1, 2].map(status))).every(({ voters }) => voters.toSorted().join() === ids.join());
    await until(haveAllVotes, boundMs, 'all have a vote');
    const seen = await Promise.all([0, 1, 2].map(status));
    expect(new Set(seen.map(({ leader, term }) => `${leader} ${term}`)).size).toBe(1);
  });
});

describe('a cluster of two', () => {
  it('whose seed is a name has no leader while one is lost, serves, and goes on alone when it left', async () => {
    const upstream = await start();
    const settingsOf = (index: number, [port]: readonly number[]) => ({
      cluster: { seed_nodes: index === 0 ? [] : [`localhost:${port}`] },
    });
    const settings = { accounts: [openaiAccount(upstream, 'work', { models: ['work'] })] };
    const two = await startMesh({ count: 2, isMeshOn: true, settings, settingsOf });
    mesh = two;
    const client = new MeshClient(two);
    const hasTwoVotes = async () => (await two.status(0)).voters.length === 2;
    await until(hasTwoVotes, boundMs, 'both have a vote');
    client.node(1).signal('SIGKILL');
    await client.node(1).exited;
    await until(async () => (await two.status(0)).leader === null, boundMs, 'nobody leads');
    expect((await client.ask(0, 'work')).status).toBe(200);
    await two.restart(1);
    await two.whole();
    client.node(1).signal('SIGTERM');
    expect(await client.node(1).exited).toBe(0);
    await until(async () => (await two.status(0)).leader === 'node1', boundMs, 'it leads itself');
    await two.restart(1);
    await two.whole();
    await until(hasTwoVotes, boundMs, 'both have a vote again');
    await upstream.close();
  });
});

describe('three terminals', () => {
  it('with the commands that people know become one mesh', async () => {
    const home = await mkdtemp(join(tmpdir(), 'aiproxy-terminals-'));
    const nodes: NodeProcess[] = [];
    try {
      const [first = 0, ...others] = await freePorts(3);
      const typed = (id: string, port: number) => [
        '--cluster-enabled',
        '--node-id',
        id,
        '--node-address',
        `127.0.0.1:${port}`,
      ];
      nodes.push(await startAsTyped(typed('node1', first), { home, startMs: boundMs }));
      for (const [n, port] of others.entries()) {
        const seeds = ['--seed-nodes', `127.0.0.1:${first}`];
        nodes.push(await startAsTyped([...typed(`node${n + 2}`, port), ...seeds], { home, startMs: boundMs }));
      }
      const headers = { authorization: `Bearer ${nodes[0]!.key}` };
      const status = async (node: NodeProcess) =>
        (await (await fetch(`${node.url}/cluster/status`, { headers })).json()) as ClusterStatus;
      const areOne = async () =>
        (await Promise.all(nodes.map(status))).every(
          ({ members, converged, leader }) =>
            converged && leader !== null && members.filter(({ state }) => state === 'alive').length === 3,
        );
      await until(areOne, boundMs, 'they are one');
      expect(nodes.map(({ url }) => url)).toEqual([first, ...others].map((port) => `http://127.0.0.1:${port}`));
    } finally {
      await Promise.all(nodes.map((node) => node.stop(1000)));
      await rm(home, { recursive: true, force: true, maxRetries: 20 });
    }
  });
});

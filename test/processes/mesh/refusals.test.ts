import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startNodeProcess, type NodeProcess } from '../node-process.ts';
import { freePorts } from './free-ports.ts';
import { meshSecret as secret, until } from './mesh-of-processes.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** Far above what it takes: machines that run tests are busy. */
const boundMs = 40_000;

let started: NodeProcess[] = [];
let ports: number[] = [];

beforeEach(async () => {
  started = [];
  ports = await freePorts(2);
});

afterEach(async () => {
  await Promise.all(started.map((node) => node.stop(3000)));
});

async function startMember(index: number, id: string, cluster: Record<string, unknown> = {}): Promise<NodeProcess> {
  const port = ports[index] ?? 0;
  const settings = { enabled: true, node_id: id, node_address: `127.0.0.1:${port}`, ...cluster };
  const node = await startNodeProcess({ cluster: { secret, ...settings } }, { port });
  started.push(node);
  return node;
}

async function membersOf(node: NodeProcess): Promise<{ state: string }[]> {
  return ((await (await node.fetch('/cluster/status')).json()) as { members: { state: string }[] }).members;
}

describe('a node that cannot join', () => {
  it('because its secret is another says so in one line, and stays outside', async () => {
    const first = await startMember(0, 'node1');
    const second = await startMember(1, 'node2', {
      secret: 'another secret, also long enough',
      seed_nodes: [`127.0.0.1:${ports[0]}`],
    });
    await until(() => /secret/.test(second.stderr()), boundMs, 'it says what is wrong');
    expect(await membersOf(first)).toHaveLength(1);
    expect(first.stderr() + second.stderr()).not.toMatch(/long enough|is long/);
    expect((await second.fetch('/health/ready')).status).toBe(503);
  });

  it('because its name is taken stops by itself, and says by whom', async () => {
    const first = await startMember(0, 'node1');
    const second = await startMember(1, 'node1', { seed_nodes: [`127.0.0.1:${ports[0]}`] });
    expect(await second.exited).toBe(2);
    const said = second.stderr().trimEnd().split('\n');
    expect(said.at(-1)).toMatch(/^aiproxy: .*node1.*/);
    expect(said.at(-1)).toContain(`127.0.0.1:${ports[0]}`);
    expect((await membersOf(first)).map(({ state }) => state)).toEqual(['alive']);
  });

  it('because its seed is not one of ours says what it found', async () => {
    const stranger: Server = createServer((_, response) => response.end('<html>hello</html>'));
    await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done));
    const seed = `127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    try {
      const node = await startMember(0, 'node1', { seed_nodes: [seed] });
      await until(() => node.stderr().includes(seed), boundMs, 'it names the seed');
      expect((await node.fetch('/health/live')).status).toBe(200);
    } finally {
      stranger.close();
    }
  });

  it('because its seed has no address says so', async () => {
    const node = await startMember(0, 'node1', { seed_nodes: ['no-such-host.invalid:3000'] });
    await until(() => node.stderr().includes('no-such-host.invalid'), boundMs, 'it names the seed');
  });
});

describe('a node that others reach from outside this machine', () => {
  it('is refused without a secret', async () => {
    const settings = { cluster: { enabled: true, node_id: 'node1', node_address: '192.0.2.1:3000' } };
    await expect(startNodeProcess(settings)).rejects.toThrow(/cluster.secret|cluster-secret-file/);
  });
});

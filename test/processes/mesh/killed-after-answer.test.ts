import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openaiAccount } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';
import { startNodeProcess, type NodeProcess } from '../node-process.ts';
import { freePorts } from './free-ports.ts';

let upstream: Upstream;
let folder: string;
let port: number;
let node: NodeProcess;

/** A member that is alone: nobody else could give its records back to it. */
async function startAgain(): Promise<void> {
  const cluster = { enabled: true, node_id: 'node1', node_address: `127.0.0.1:${port}`, seed_nodes: [] };
  node = await startNodeProcess(
    { accounts: [openaiAccount(upstream)], cluster },
    { dataDir: join(folder, 'data'), port },
  );
}

beforeEach(async () => {
  upstream = await start();
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-killed-'));
  [port = 0] = await freePorts(1);
  await startAgain();
});

afterEach(async () => {
  await node.stop(3000);
  await upstream.close();
  await rm(folder, { recursive: true, force: true });
});

test('a change is on disk when its call is answered: SIGKILL right after does not lose it', async () => {
  for (const id of ['made1', 'made2']) {
    const answer = await node.fetch('/accounts', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(openaiAccount(upstream, id)),
    });
    node.signal('SIGKILL');
    await node.exited;
    expect(answer.status).toBeLessThan(300);
    await startAgain();
    expect((await node.fetch(`/accounts/${id}`)).status).toBe(200);
  }
});

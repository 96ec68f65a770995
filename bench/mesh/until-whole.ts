import { setTimeout as wait } from 'node:timers/promises';
import type { ClusterStatus } from '../../node/http/routes/cluster-shapes.ts';
import { NodeClient } from './node-client.ts';

/** Sixteen nodes that start at once on a busy machine of two cores take their time. */
const wholeWithinMs = 120_000;
const askEveryMs = 50;

/** Resolves when every node sees every other alive, all agree, and one leads. */
export function untilWhole(ports: readonly number[]): Promise<void> {
  return untilEach(ports, async (client) => {
    const { converged, leader, members } = await client.json<ClusterStatus>('/cluster/status');
    return converged && leader !== null && members.filter(({ state }) => state === 'alive').length === ports.length;
  });
}

/** Resolves when every node takes requests. */
export function untilReady(ports: readonly number[]): Promise<void> {
  return untilEach(ports, async (client) => (await client.call('GET', '/health/ready')).status === 200);
}

async function untilEach(ports: readonly number[], isSo: (client: NodeClient) => Promise<boolean>): Promise<void> {
  const clients = ports.map((port) => new NodeClient(port));
  const deadlineMs = performance.now() + wholeWithinMs;
  // A node that does not listen yet refuses the connection.
  const isSoEverywhere = async () => {
    const seen = await Promise.all(clients.map((client) => isSo(client).catch(() => false)));
    return seen.every(Boolean);
  };
  try {
    while (!(await isSoEverywhere())) {
      if (performance.now() > deadlineMs)
        throw new Error(`${ports.length} nodes are no whole after ${wholeWithinMs} ms`);
      await wait(askEveryMs);
    }
  } finally {
    for (const client of clients) client.close();
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../kit/clock.ts';
import { start, type Upstream } from '../../../test/upstream/upstream.ts';
import { accountsAt } from './demo-accounts.ts';
import { type DemoNode, startDemoNode } from './demo-node.ts';

/** Everything that the demo runs: the upstream and the nodes in front of it. */
export interface DemoSite {
  upstream: Upstream;
  /** At least one. */
  nodes: readonly [DemoNode, ...DemoNode[]];
  /** The client key, the same for every node. */
  key: string;
  /** The port that was asked for and is taken by another program. */
  takenPort: number | undefined;
  clock: Clock;
  close(): Promise<void>;
}

/** Opens it; what was opened before a failure is closed again. */
export async function openSite(port: number, clock: Clock): Promise<DemoSite> {
  const opened = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'aiproxy-demo-'));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    const upstream = await start();
    opened.defer(() => upstream.close());
    const { node, key, isMoved } = await startDemoNode({ port, folder, accounts: accountsAt(upstream) });
    opened.defer(() => node.stop());
    const takenPort = isMoved ? port : undefined;
    const kept = opened.move();
    return { upstream, nodes: [node], key, takenPort, clock, close: () => kept.disposeAsync() };
  } finally {
    await opened.disposeAsync();
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterStatus } from '../../../node/http/routes/cluster-shapes.ts';
import { startNodeProcess, type NodeProcess } from '../node-process.ts';
import { freePorts } from './free-ports.ts';

export interface MeshOptions {
  readonly count: number;
  /** Off: the same nodes, each alone. Every scenario must fail then, or it proves nothing. */
  readonly isMeshOn: boolean;
  /** As in the YAML file, for all nodes. */
  readonly settings: Record<string, unknown>;
  /** Further settings of one node, by its index. */
  readonly settingsOf?: (index: number) => Record<string, unknown>;
}

/** Nodes of one machine, as three terminals would start them: `node1` first, the others with it as their seed. */
export interface MeshOfProcesses {
  readonly nodes: readonly NodeProcess[];
  readonly ids: readonly string[];
  /** Starts the node again with its own folder and port; waits until it listens. */
  restart(index: number): Promise<NodeProcess>;
  status(index: number): Promise<ClusterStatus>;
  stop(): Promise<void>;
}

/** How often a state of another process is asked for; there is nothing that tells. */
const askPeriodMs = 10;

export async function startMesh(options: MeshOptions): Promise<MeshOfProcesses> {
  const ports = await freePorts(options.count);
  const folder = await mkdtemp(join(tmpdir(), 'aiproxy-mesh-'));
  const ids = ports.map((_, index) => `node${index + 1}`);
  const startOne = (index: number) =>
    startNodeProcess(settingsOf(options, ports, ids, index), {
      dataDir: join(folder, 'data'),
      port: ports[index] ?? 0,
    });
  const nodes: NodeProcess[] = [];
  try {
    for (const index of ids.keys()) nodes.push(await startOne(index));
    const mesh: MeshOfProcesses = {
      nodes,
      ids,
      async restart(index) {
        nodes[index] = await startOne(index);
        return nodes[index];
      },
      status: async (index) => (await nodes[index]!.fetch('/cluster/status')).json() as Promise<ClusterStatus>,
      async stop() {
        await Promise.all(nodes.map((node) => node.stop(3000)));
        await rm(folder, { recursive: true, force: true });
      },
    };
    if (options.isMeshOn) await until(() => isWhole(mesh), 20_000, 'the mesh is whole');
    return mesh;
  } catch (error) {
    await Promise.all(nodes.map((node) => node.stop(0)));
    throw error;
  }
}

function settingsOf(options: MeshOptions, ports: readonly number[], ids: readonly string[], index: number) {
  const own = { ...options.settings, ...options.settingsOf?.(index) };
  if (!options.isMeshOn) return own;
  const seeds = index === 0 ? [] : [`127.0.0.1:${ports[0]}`];
  const cluster = { enabled: true, node_id: ids[index], node_address: `127.0.0.1:${ports[index]}`, seed_nodes: seeds };
  return { ...own, cluster: { ...cluster, ...(own['cluster'] as object | undefined) } };
}

/** All see all, agree, and have a leader. */
async function isWhole(mesh: MeshOfProcesses): Promise<boolean> {
  const seen = await Promise.all(mesh.ids.map((_, index) => mesh.status(index)));
  return seen.every(
    ({ converged, leader, members }) =>
      converged && leader !== null && members.filter(({ state }) => state === 'alive').length === mesh.ids.length,
  );
}

/** Asks until it is so; rejects with `what` after `boundMs`. Answers after how many milliseconds it was. */
export async function until(isSo: () => Promise<boolean> | boolean, boundMs: number, what: string): Promise<number> {
  const beganMs = performance.now();
  for (;;) {
    if (await isSo()) return performance.now() - beganMs;
    if (performance.now() - beganMs > boundMs) throw new Error(`not within ${boundMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, askPeriodMs));
  }
}

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
  /** Further settings of one node, by its index; `ports` are the HTTP ports of all. */
  readonly settingsOf?: (index: number, ports: readonly number[]) => Record<string, unknown>;
  /** Further environment of one node's process; asked at every start. */
  readonly envOf?: (index: number, ports: readonly number[]) => Promise<Record<string, string>>;
  /** As on machines of their own: no folder is shared, and the secret is in the settings. */
  readonly areFoldersApart?: boolean;
  /** All at the same time, as docker-compose does; else one after another. */
  readonly areStartedAtOnce?: boolean;
}

/** Nodes of one machine, as three terminals would start them: `node1` first, the others with it as their seed. */
export interface MeshOfProcesses {
  readonly nodes: readonly NodeProcess[];
  readonly ids: readonly string[];
  readonly ports: readonly number[];
  /** Starts the node again with its own folder and port; waits until it listens. */
  restart(index: number): Promise<NodeProcess>;
  /** As after a disk failed: what the node kept is gone. Only with folders apart. */
  loseFolder(index: number): Promise<void>;
  status(index: number): Promise<ClusterStatus>;
  /** Resolves once those nodes (all) see each other and no one else alive, agree, and have a leader. */
  whole(indices?: readonly number[]): Promise<void>;
  stop(): Promise<void>;
}

export const meshSecret = 'a secret that is long enough for a mesh';

/** How often a state of another process is asked for; there is nothing that tells. */
const askPeriodMs = 20;

/** Far above the second or two that it takes: machines that run tests are busy. */
const wholeMs = 60_000;

export async function startMesh(options: MeshOptions): Promise<MeshOfProcesses> {
  const ports = await freePorts(options.count);
  const folder = await mkdtemp(join(tmpdir(), 'aiproxy-mesh-'));
  const mesh = new Processes(options, ports, folder);
  try {
    await mesh.start();
    return mesh;
  } catch (error) {
    await mesh.stop();
    throw error;
  }
}

class Processes implements MeshOfProcesses {
  readonly nodes: NodeProcess[] = [];
  readonly ids: readonly string[];
  readonly ports: readonly number[];
  readonly #options: MeshOptions;
  readonly #folder: string;

  constructor(options: MeshOptions, ports: readonly number[], folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.ports = ports;
    this.ids = ports.map((_, index) => `node${index + 1}`);
  }

  async start(): Promise<void> {
    const indices = [...this.ids.keys()];
    if (this.#options.areStartedAtOnce === true) {
      const begun = await Promise.allSettled(indices.map((index) => this.restart(index)));
      for (const each of begun) if (each.status === 'rejected') throw each.reason;
    } else for (const index of indices) await this.restart(index);
    if (!this.#options.isMeshOn) return;
    await this.whole();
    await until(() => this.#haveAllVotes(), wholeMs, 'every member has a vote, and all know it');
  }

  /** Members are given votes one after another; until then the loss of one may leave no majority. */
  async #haveAllVotes(): Promise<boolean> {
    const seen = await Promise.all(this.ids.map((_, index) => this.status(index)));
    return seen.every(({ voters }) => sameSet(voters, this.ids));
  }

  async restart(index: number): Promise<NodeProcess> {
    const node = await startNodeProcess(this.#settingsOf(index), {
      dataDir: this.#dataDir(index),
      port: this.ports[index] ?? 0,
      startMs: wholeMs,
      env: {
        ...(this.#options.areFoldersApart === true ? { HOME: this.#dataDir(index) } : {}),
        ...(await this.#options.envOf?.(index, this.ports)),
      },
    });
    this.nodes[index] = node;
    return node;
  }

  loseFolder(index: number): Promise<void> {
    return rm(this.#dataDir(index), { recursive: true });
  }

  async status(index: number): Promise<ClusterStatus> {
    return (await this.nodes[index]!.fetch('/cluster/status')).json() as Promise<ClusterStatus>;
  }

  async whole(indices: readonly number[] = [...this.ids.keys()]): Promise<void> {
    const ids = indices.map((index) => this.ids[index]!);
    const isWhole = async () => {
      const seen = await Promise.all(indices.map((index) => this.status(index)));
      return seen.every(({ converged, leader, members }) => {
        const alive = members.filter(({ state }) => state === 'alive').map(({ node_id }) => node_id);
        return converged && leader === seen[0]!.leader && ids.includes(leader ?? '') && sameSet(alive, ids);
      });
    };
    await until(isWhole, wholeMs, `${ids.join(', ')} are a whole mesh`);
  }

  async stop(): Promise<void> {
    const nodes = this.nodes.filter((node) => node !== undefined);
    for (const node of nodes) node.signal('SIGCONT');
    await Promise.all(nodes.map((node) => node.stop(1000)));
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 20 });
  }

  #dataDir(index: number): string {
    return join(this.#folder, this.#options.areFoldersApart === true ? `data-${index}` : 'data');
  }

  #settingsOf(index: number): Record<string, unknown> {
    const { settings, settingsOf, isMeshOn, areFoldersApart } = this.#options;
    const own = { ...settings, ...settingsOf?.(index, this.ports) };
    if (!isMeshOn) return { ...own, cluster: undefined };
    const cluster = {
      enabled: true,
      node_id: this.ids[index],
      node_address: `127.0.0.1:${this.ports[index]}`,
      seed_nodes: index === 0 ? [] : [`127.0.0.1:${this.ports[0]}`],
      ...(areFoldersApart === true ? { secret: meshSecret } : {}),
    };
    return { ...own, cluster: { ...cluster, ...(own['cluster'] as object | undefined) } };
  }
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each) => other.includes(each));
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

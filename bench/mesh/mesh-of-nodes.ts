import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RoomParts } from '../bench-room.ts';
import { nodeCommand } from '../targets/product-node.ts';
import { memberPlaces, memberSettings, type MemberPlace } from './member-settings.ts';
import { NodeClient } from './node-client.ts';
import { untilReady, untilWhole } from './until-whole.ts';

export interface NodesOrder {
  readonly parts: Pick<RoomParts, 'children' | 'runFolder' | 'options'>;
  readonly count: number;
  /** Off: the same nodes, each alone. */
  readonly isMeshOn: boolean;
  /** As in the YAML file, but for the port and the mesh. */
  readonly settingsOf: (place: MemberPlace) => Record<string, unknown>;
}

export interface MeshNode {
  readonly place: MemberPlace;
  readonly client: NodeClient;
  readonly pid: number;
  /** Kills it without a word, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP, SIGCONT. */
  signal(name: NodeJS.Signals): void;
}

/** More nodes that compile themselves at once than this only wait for each other. */
const startedAtOnce = 3;
let groups = 0;

/** Nodes on this machine, not held to a core; each has a home and a data folder of its own. */
export class MeshOfNodes {
  readonly nodes: MeshNode[] = [];
  readonly #order: NodesOrder;
  readonly #places: readonly MemberPlace[];
  readonly #folder: string;
  readonly #children = new Map<string, ChildProcess>();

  private constructor(order: NodesOrder, places: readonly MemberPlace[]) {
    this.#order = order;
    this.#places = places;
    this.#folder = join(order.parts.runFolder, `nodes-${++groups}`);
  }

  /** Starts them a few at a time and waits until all are one mesh. */
  static async start(order: NodesOrder): Promise<MeshOfNodes> {
    const mesh = new MeshOfNodes(order, await memberPlaces(order.count));
    try {
      for (const [index, place] of mesh.#places.entries()) {
        mesh.#launch(index);
        mesh.nodes.push(mesh.#nodeAt(index));
        if (index % startedAtOnce === startedAtOnce - 1) await untilReady([place.port]);
      }
      await mesh.untilWhole();
      return mesh;
    } catch (error) {
      await mesh.stop();
      throw error;
    }
  }

  get ports(): readonly number[] {
    return this.#places.map(({ port }) => port);
  }

  untilWhole(): Promise<void> {
    return this.#order.isMeshOn ? untilWhole(this.ports) : untilReady(this.ports);
  }

  /** Starts a node that was killed again, on its own disk and ports. */
  restart(node: MeshNode): Promise<void> {
    this.#launch(this.#places.indexOf(node.place));
    return this.untilWhole();
  }

  async stop(): Promise<void> {
    for (const { client } of this.nodes) client.close();
    await Promise.all(this.#children.values().map((child) => this.#order.parts.children.stop(child)));
    // Sockets of the clients are closed in the next turns.
    await wait(0);
  }

  #launch(index: number): void {
    const { parts, isMeshOn, settingsOf } = this.#order;
    const place = this.#places[index] as MemberPlace;
    const folder = join(this.#folder, place.id);
    mkdirSync(folder, { recursive: true });
    const own = { ...settingsOf(place), port: place.port };
    const launch = nodeCommand(folder, isMeshOn ? { ...own, ...memberSettings(this.#places, index) } : own, {
      program: parts.options.program,
      nodeFlags: [],
    });
    const logFile = join(folder, 'output.log');
    this.#children.set(place.id, parts.children.start({ ...launch, core: undefined, logFile, cwd: folder }));
  }

  #nodeAt(index: number): MeshNode {
    const place = this.#places[index] as MemberPlace;
    const child = () => this.#children.get(place.id) as ChildProcess;
    return {
      place,
      client: new NodeClient(place.port),
      get pid() {
        return child().pid as number;
      },
      async kill() {
        const victim = child();
        const ended = new Promise<void>((resolve) => victim.once('exit', () => resolve()));
        victim.kill('SIGKILL');
        await ended;
      },
      signal: (name) => void child().kill(name),
    };
  }
}

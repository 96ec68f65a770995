import type { Environment } from '../../../cluster/environment.ts';
import { Gossip } from '../../../cluster/gossip/gossip.ts';
import type { MemberState, NodeId } from '../../../cluster/membership/contract.ts';
import type { RecordStore, ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import { ReplicatedRecords } from '../../../cluster/replicated/replicated-records.ts';
import { timings } from '../../../cluster/timing.ts';
import { silentLog } from '../../../kit/log.ts';
import { seededRandom, type Random } from '../../../kit/random.ts';
import { ManualClock } from '../../manual-clock.ts';
import { NodeClock } from './node-clock.ts';
import { NetworkPost, PostNetwork } from './post-network.ts';
import { factsOf, SetMembership } from './set-membership.ts';

/** A disk that keeps what it is given, and can be told to fail. */
export class MemoryStore implements RecordStore {
  readonly kept = new Map<string, ReplicatedRecord>();
  batches = 0;
  failure: Error | undefined;

  save(records: readonly ReplicatedRecord[], done: (error?: unknown) => void): void {
    this.batches++;
    if (this.failure === undefined) for (const record of records) this.kept.set(`${record.table}/${record.id}`, record);
    done(this.failure);
  }

  forget(records: readonly ReplicatedRecord[], done: (error?: unknown) => void): void {
    this.batches++;
    if (this.failure === undefined) for (const { table, id } of records) this.kept.delete(`${table}/${id}`);
    done(this.failure);
  }
}

export interface MeshNode {
  readonly id: NodeId;
  readonly clock: NodeClock;
  readonly post: NetworkPost;
  readonly membership: SetMembership;
  readonly gossip: Gossip;
  readonly records: ReplicatedRecords;
  readonly store: MemoryStore;
  incarnation: number;
}

export interface NodeOptions {
  incarnation?: number;
  store?: MemoryStore;
  /** By default, once it has been told of anybody. */
  isJoined?: () => boolean;
  beforeStart?: (node: MeshNode) => void;
  environment?: Partial<Environment>;
}

/** Several nodes' state and records over one simulated network and clock. */
export class StateMesh {
  readonly clock = new ManualClock();
  readonly random: Random;
  readonly network: PostNetwork;
  readonly nodes = new Map<NodeId, MeshNode>();
  #starts = 1000;

  constructor(seed = 1) {
    this.random = seededRandom(seed);
    this.network = new PostNetwork(this.clock, this.random);
  }

  node(id: NodeId): MeshNode {
    return this.nodes.get(id) as MeshNode;
  }

  /** Starts a node that knows nobody yet. */
  start(id: NodeId, options: NodeOptions = {}): MeshNode {
    const incarnation = options.incarnation ?? ++this.#starts;
    const clock = new NodeClock(this.clock);
    const post = new NetworkPost(this.network, id, clock);
    const membership = new SetMembership(factsOf(id, incarnation));
    const environment = {
      clock,
      random: this.random,
      log: silentLog,
      timing: timings.loopback,
      ...options.environment,
    };
    const store = options.store ?? new MemoryStore();
    const gossip = new Gossip({ ...environment, post, membership });
    const records = new ReplicatedRecords({
      ...environment,
      post,
      membership,
      store,
      kept: [...store.kept.values()],
      fencedTables: ['tokens'],
      knownTerm: () => 5,
      isJoined: options.isJoined ?? (() => membership.all.length > 1),
    });
    const node = { id, clock, post, membership, gossip, records, store, incarnation };
    this.nodes.set(id, node);
    options.beforeStart?.(node);
    gossip.start();
    records.start();
    return node;
  }

  /** Ends a node's process. */
  kill(id: NodeId): void {
    for (const other of this.nodes.keys()) this.network.disconnect(id, other);
    const { gossip, records, clock } = this.node(id);
    gossip.stop();
    records.stop();
    clock.freeze();
    this.nodes.delete(id);
    this.network.posts.delete(id);
  }

  /** Makes two nodes members of each other and connects them. */
  join(left: NodeId, right: NodeId): void {
    this.believe(left, right, 'alive');
    this.believe(right, left, 'alive');
    this.network.connect(left, right);
  }

  joinAll(): void {
    const ids = [...this.nodes.keys()];
    for (const [index, left] of ids.entries()) for (const right of ids.slice(index + 1)) this.join(left, right);
  }

  /** What a node thinks of another. */
  believe(node: NodeId, of: NodeId, state: MemberState): void {
    const incarnation = this.nodes.get(of)?.incarnation ?? this.node(node).membership.get(of)?.incarnation ?? 0;
    this.node(node).membership.set(factsOf(of, incarnation), state);
  }

  advance(ms: number): void {
    this.clock.advance(ms);
  }
}

/** A mesh of so many nodes, `n1`, `n2` …, all joined. */
export function meshOf(count: number, seed = 1): StateMesh {
  const mesh = new StateMesh(seed);
  for (let index = 1; index <= count; index++) mesh.start(`n${index}`);
  mesh.joinAll();
  mesh.advance(200);
  return mesh;
}

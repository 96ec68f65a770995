/** The mesh as the rooms above know it. A node alone has the same face (`solo.ts`). */
import type { SharedState } from './gossip/contract.ts';
import type { Intents } from './intents/contract.ts';
import type { Leadership } from './leader/contract.ts';
import type { Joining, PeerCard } from './links/contract.ts';
import type { Membership, NodeId } from './membership/contract.ts';
import type { Post } from './post/contract.ts';
import type { Quotas } from './quota/contract.ts';
import type { Records } from './replicated/contract.ts';

/** Who owns a key, among live members: rendezvous hashing, so that a member that goes moves only its own keys. */
export interface Ring {
  owner(key: string): NodeId;
  isOwn(key: string): boolean;
}

/** Keeps what is secret unreadable in records and on disk, under a key from the cluster secret. */
export interface Sealer {
  /** Encrypts and authenticates; `purpose` is bound to it. */
  seal(purpose: string, plain: Uint8Array): Uint8Array;
  /** Undefined when it was not sealed under this secret and purpose. */
  open(purpose: string, sealed: Uint8Array): Uint8Array | undefined;
}

/** How this node itself is, as it tells the others. */
export type SelfHealth = 'joining' | 'well' | 'own_network' | 'draining';

/** Counters for metrics and the bench. */
export interface MeshReading {
  readonly membersByState: Readonly<Record<'alive' | 'suspect' | 'dead' | 'left', number>>;
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly framesDropped: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly messagesRefused: number;
  readonly suspicions: number;
  readonly elections: number;
  readonly electionsWon: number;
  readonly term: number;
  readonly isLeader: boolean;
  readonly awareness: number;
  /** Recent delay of the event loop, milliseconds. */
  readonly loopDelayMs: number;
  readonly records: number;
  /** Not on disk yet, because they are new or because the disk refuses them. */
  readonly recordsUnsaved: number;
  readonly isConverged: boolean;
}

export interface Mesh {
  readonly self: NodeId;
  readonly members: Membership;
  readonly state: SharedState;
  readonly records: Records;
  readonly ring: Ring;
  readonly leadership: Leadership;
  readonly intents: Intents;
  readonly quotas: Quotas;
  readonly post: Post;
  readonly sealer: Sealer;
  readonly joining: Joining;
  /** What `GET /cluster/peer` answers; undefined for a node alone. */
  card(): PeerCard | undefined;
  /** True when this node has joined and the digests of all live members agree, as far as it has heard. */
  isConverged(): boolean;
  reading(): MeshReading;
  /** Tells the others how this node is: draining nodes get no new owned keys. */
  setHealth(health: SelfHealth): void;
  /**
   * Joins. Resolves once the node listens; joining goes on in the background. Rejects with a Fault when it cannot begin.
   * `onFatal` hears of what ends a node's membership for good: `node_id_taken`.
   */
  start(onFatal: (fault: Error) => void): Promise<void>;
  /** Hands over leadership, says left, and closes. `isForGood` takes its vote out as well. */
  leave(isForGood: boolean): Promise<void>;
}

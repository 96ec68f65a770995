/** Who is here, who is not (SWIM with Lifeguard's suspicion and local awareness). */
import type { PeerId } from '../transport/contract.ts';

/** A node's name, as people gave it: `node1`. */
export type NodeId = string;

/** What a member says of itself when it joins; changes only with its incarnation. */
export interface MemberFacts {
  readonly nodeId: NodeId;
  readonly peer: PeerId;
  /** Rises with every start and every refutation: max(kept + 1, wall ms of the start). */
  readonly incarnation: number;
  /** HOST:PORT of its HTTP side. */
  readonly address: string;
  /** Multiaddrs of its mesh side. */
  readonly meshAddresses: readonly string[];
  readonly version: string;
  /** Wall ms of its start, by its own clock. */
  readonly startedAtMs: number;
}

export type MemberState = 'alive' | 'suspect' | 'dead' | 'left';

export interface Member extends MemberFacts {
  readonly state: MemberState;
  readonly isSelf: boolean;
  /** Monotonic ms when anything was last heard from it directly; undefined when never. */
  readonly lastHeardMs: number | undefined;
  /** Last measured round trip; undefined before the first. */
  readonly rttMs: number | undefined;
}

export interface MembershipObserver {
  /** A member is new, changed its state, or came back with another incarnation. `before` is undefined for a new one. */
  memberChanged?(member: Member, before: MemberState | undefined): void;
  /** This node learnt that the others call it by a name that another live node has. It must stop. */
  nodeIdTaken?(holder: MemberFacts): void;
}

/**
 * The answer to a member that introduces itself. `node_id_taken`: the holder of its name was heard from since it first
 * asked. `node_id_doubtful`: the name has a holder who is being probed; ask again. `mesh_full`: the table is full.
 */
export type Welcome = 'welcome' | 'node_id_taken' | 'node_id_doubtful' | 'mesh_full';

export interface Membership {
  readonly self: Member;
  /** Everyone known, dead and left ones too while they are kept; the array is replaced when anything changes. */
  readonly all: readonly Member[];
  /** Alive and suspect ones, this node included, ordered by id; the array is replaced when it changes. */
  readonly live: readonly Member[];
  /** Rises with every change of `live`. */
  readonly version: number;
  get(node: NodeId): Member | undefined;
  isLive(node: NodeId): boolean;
  observe(observer: MembershipObserver): void;
  /** 0 (well) to 8: how much this node mistrusts its own sense of time; its timeouts are stretched by 1 + this. */
  readonly awareness: number;
}

/** The side of membership that `links` speaks to. */
export interface MembershipDesk {
  /** A peer said who it is over a connection of its own. */
  introduced(facts: MemberFacts): Welcome;
  /** The connection to it broke: worth a probe at once. */
  doubted(node: NodeId): void;
  /**
   * Its host refused a dial to where it used to listen: that process of it listens no more. As good as the word of one
   * other member for a suspect; of nobody else anything.
   */
  refused(node: NodeId, peer: PeerId): void;
  /** Anything arrived from it. */
  heard(node: NodeId): void;
  /** Equal at members that agree who is live, in which incarnation; opaque. */
  readonly digest: string;
  /**
   * Everyone known, for a member that has just come; opaque, for `learned` on its side. Nobody when `digest` shows that
   * it knows all the same: a newcomer is welcomed by every member, and needs the table from one.
   */
  table(digest?: unknown): unknown;
  /** What a member's `table` said. Throws a Fault when it is malformed. */
  learned(from: NodeId, table: unknown): void;
}

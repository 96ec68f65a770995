/** Who acts for all: Raft's election without its log, over voters that change one step at a time. */
import type { NodeId } from '../membership/contract.ts';

export interface LeadershipObserver {
  /** The leader as this node knows it changed; undefined while there is none. */
  leaderChanged?(leader: NodeId | undefined, term: number): void;
  /**
   * This node takes on a cluster that is not the one it was of. `isFounder`: it was there before the cluster
   * was, so that nothing can have been agreed that it does not know; otherwise what it knows may be another cluster's.
   */
  clusterTaken?(isFounder: boolean): void;
}

/**
 * Those whose majority decides. `(term, version)` orders configurations; a leader installs a next one only when the
 * current one is agreed by a majority in its own term (the logless reconfiguration of MongoDB's Raft).
 */
export interface VoterConfig {
  /** Random, made when the cluster was founded: two clusters that meet can tell that they are two. */
  readonly clusterId: string;
  readonly term: number;
  readonly version: number;
  readonly voters: readonly NodeId[];
}

/** What a node must not forget. Durable before it answers a vote. */
export interface VoteState {
  readonly term: number;
  readonly votedFor: NodeId | undefined;
  readonly config: VoterConfig | undefined;
}

/** Where votes outlive the process. What was kept is read before the election is built, and handed to it. */
export interface VoteStore {
  /** `done` says that it is durable, or why it is not; a vote that is not durable is not given. */
  save(state: VoteState, done: (error?: unknown) => void): void;
}

export interface Leadership {
  readonly leader: NodeId | undefined;
  readonly term: number;
  readonly isSelf: boolean;
  /** Milliseconds for which this node may still act as the leader, by its monotonic clock; 0 when it may not. */
  leaseLeftMs(): number;
  /** Undefined while this node has not been told. */
  readonly config: VoterConfig | undefined;
  observe(observer: LeadershipObserver): void;
  /** Hands over to the most current voter that is reachable; `done` when another leads or nobody can. */
  resign(done: () => void): void;
  /**
   * Takes a member out of the voters, by agreement where there is a leader. `isForced` is a person's word that the
   * others are gone for good: the only way on without a majority. `done` with the reason when it was refused.
   */
  removeVoter(node: NodeId, isForced: boolean, done: (refusal?: string) => void): void;
  /**
   * Asked, while this node leads, before it changes the voters of `config`: whether what a majority must know is known
   * to a majority of these. Without that, facts would be lost after two changes. With `newcomer`, a member that is to
   * become a voter: to that one as well, since one that knows nothing cannot stand in for a voter that is gone. Asked
   * again until it is true.
   */
  guardChanges?(isCarried: (config: VoterConfig, newcomer?: NodeId) => boolean): void;
  /** Since the start, for metrics. */
  readonly electionsStarted: number;
  readonly electionsWon: number;
}

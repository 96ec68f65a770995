import type { Environment } from '../environment.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { VoteState, VoteStore } from './contract.ts';

export interface ElectionOptions extends Environment {
  readonly post: Post;
  readonly membership: Membership;
  readonly store: VoteStore;
  /** What the disk has; undefined without a state file. */
  readonly kept: VoteState | undefined;
  /** Normalised addresses of the seeds and this node, sorted: those who found a cluster together when there is none. */
  readonly founding: readonly string[];
  readonly ownAddress: string;
  /** Voters that a person named; empty: the members agree on them. */
  readonly voters: readonly NodeId[];
  readonly policy: 'majority' | 'available';
}

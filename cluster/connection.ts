import type { Joining, PeerCard } from './links/contract.ts';
import type { Membership, MembershipDesk } from './membership/contract.ts';
import type { Post } from './post/contract.ts';
import type { TransportTraffic } from './transport/contract.ts';

/** Keeps a node connected to its members. */
export interface LinkKeeper extends Joining {
  start(): void;
  stop(): void;
}

/** How a mesh reaches its members: over a transport (`peer-connection.ts`), or not at all (`solo.ts`). */
export interface Connection {
  readonly post: Post;
  readonly traffic: Readonly<TransportTraffic>;
  /** Malformed messages so far. */
  readonly refused: () => number;
  /** Called once, before anything is received. `onFatal` hears what ends the membership for good. */
  link(membership: Membership & MembershipDesk, onFatal: (fault: Error) => void): LinkKeeper;
  /** What `GET /cluster/peer` answers; undefined where there is nothing to connect to. */
  card(): PeerCard | undefined;
  close(): Promise<void>;
}

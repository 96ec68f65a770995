/** Whom to be connected to: seeds, introductions, redials. */
import type { Fault } from '../../kit/fault.ts';
import type { PeerId } from '../transport/contract.ts';

/** What `GET /cluster/peer` of a node says; no secret in it. */
export interface PeerCard {
  readonly node_id: string;
  readonly peer_id: string;
  /** Multiaddrs with the peer id. */
  readonly addresses: readonly string[];
  readonly version: string;
  /** Random, of this process: tells a copy of a node, with its key, from the node itself. Older versions say none. */
  readonly instance?: string;
}

/**
 * Finds the mesh addresses behind a seed (`HOST:PORT` of the HTTP side, or a multiaddr): all addresses of a DNS name are
 * tried. `done` is called once, with multiaddrs to dial or with a Fault that says what is wrong with the seed:
 * `seed_unresolvable`, `seed_unreachable`, `seed_not_ours`, or `node_id_taken` where a copy of this node answers.
 */
export interface SeedResolver {
  resolve(seed: string, done: (result: readonly string[] | Fault) => void): void;
}

/** Where the node stands with its seeds, for readiness and status. */
export interface Joining {
  /** True once a member welcomed this node, or once it is clear that it is alone (no seeds, or only itself). */
  readonly isJoined: boolean;
  /** What keeps it from joining, in words; undefined once joined. */
  readonly obstacle: string | undefined;
}

/** Shows that a peer knows the cluster secret. Bound to both peers, so that it is worth nothing towards a third one. */
export interface Proof {
  make(from: PeerId, to: PeerId): string;
  check(from: PeerId, to: PeerId, proof: string): boolean;
}

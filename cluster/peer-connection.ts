import type { Connection, LinkKeeper } from './connection.ts';
import type { Environment } from './environment.ts';
import type { PeerCard, Proof, SeedResolver } from './links/contract.ts';
import { Links } from './links/links.ts';
import type { MemberFacts, Membership, MembershipDesk, NodeId } from './membership/contract.ts';
import type { Codec } from './post/codec.ts';
import { PeerPost } from './post/peer-post.ts';
import type { PeerId, Transport, TransportObserver, TransportTraffic } from './transport/contract.ts';

export interface PeerConnectionParts extends Environment {
  readonly self: NodeId;
  readonly transport: Transport;
  readonly codec: Codec;
  readonly facts: () => MemberFacts;
  readonly seeds: readonly string[];
  readonly ownAddress: string;
  readonly resolver: SeedResolver;
  /** Random, of this process. */
  readonly instance: string;
  readonly proof: Proof;
}

/**
 * Reaches members over a transport. The transport must listen before the node's own facts are known, so it is started
 * with this as its observer, and what comes before `link` is refused: those who knocked come again.
 */
export class PeerConnection implements Connection, TransportObserver {
  readonly post: PeerPost;
  readonly traffic: Readonly<TransportTraffic>;
  readonly #parts: PeerConnectionParts;
  #links: (LinkKeeper & TransportObserver) | undefined;

  constructor(parts: PeerConnectionParts) {
    const { clock, random, log, timing, self, transport, codec } = parts;
    this.#parts = parts;
    this.post = new PeerPost({ clock, random, log, timing, self, transport, codec });
    this.traffic = transport.traffic;
  }

  refused = (): number => this.post.refused;

  link(membership: Membership & MembershipDesk, onFatal: (fault: Error) => void): LinkKeeper {
    const { clock, random, log, timing, transport, facts, seeds, ownAddress, resolver, proof } = this.#parts;
    const links = new Links({
      clock,
      random,
      log,
      timing,
      transport,
      post: this.post,
      membership,
      facts,
      seeds,
      ownAddress,
      resolver,
      proof,
      onFatal,
    });
    this.#links = links;
    return links;
  }

  card(): PeerCard {
    const { nodeId, version } = this.#parts.facts();
    const { transport, instance } = this.#parts;
    return { node_id: nodeId, peer_id: transport.self, addresses: transport.addresses(), version, instance };
  }

  close(): Promise<void> {
    return this.#parts.transport.stop();
  }

  opened(peer: PeerId): void {
    if (this.#links === undefined) this.#parts.transport.close(peer, 'still starting');
    else this.#links.opened(peer);
  }

  closed(peer: PeerId, reason: string): void {
    this.#links?.closed(peer, reason);
  }

  frame(peer: PeerId, bytes: Uint8Array): void {
    this.#links?.frame(peer, bytes);
  }

  question(peer: PeerId, bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    this.#links?.question(peer, bytes, answer);
  }
}

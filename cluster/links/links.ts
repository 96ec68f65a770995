import type { Fault } from '../../kit/fault.ts';
import type { Environment } from '../environment.ts';
import type { MemberFacts, Membership, MembershipDesk } from '../membership/contract.ts';
import type { PeerPost } from '../post/peer-post.ts';
import type { PeerId, Transport, TransportObserver } from '../transport/contract.ts';
import { Connections } from './connections.ts';
import type { Joining, Proof, SeedResolver } from './contract.ts';
import { Grievances } from './grievances.ts';
import { Introductions } from './introductions.ts';
import { OwnName } from './own-name.ts';
import { Redials } from './redials.ts';
import { Seeds } from './seeds.ts';

/** Asks for a sign of life over a connection on which nothing came for a while, and gives one. */
const idleKind = 'link.idle';
const presentKind = 'link.present';

export interface LinksOptions extends Environment {
  readonly transport: Transport;
  readonly post: PeerPost;
  readonly membership: Membership & MembershipDesk;
  readonly facts: () => MemberFacts;
  /** HOST:PORT or multiaddrs; this node itself may be among them. */
  readonly seeds: readonly string[];
  /** HOST:PORT of this node's HTTP side. */
  readonly ownAddress: string;
  readonly resolver: SeedResolver;
  readonly proof: Proof;
  /** Called at most once, when this node cannot stay a member: `node_id_taken`. */
  readonly onFatal: (fault: Fault) => void;
}

/**
 * Connects the node to its mesh: seeds are asked, peers introduce themselves, members are redialled. What arrives goes to
 * `post` and counts as a sign of life.
 */
export class Links implements Joining, TransportObserver {
  readonly #options: LinksOptions;
  readonly #grievances: Grievances;
  readonly #connections: Connections;
  readonly #ownName: OwnName;
  readonly #introductions: Introductions;
  readonly #seeds: Seeds;
  readonly #redials: Redials;
  #isJoined = false;

  constructor(options: LinksOptions) {
    const { clock, random, log, timing, transport, post, membership } = options;
    this.#options = options;
    this.#grievances = new Grievances(log);
    this.#connections = new Connections({
      clock,
      silenceMs: timing.silenceMs,
      nudge: (peer) => post.sendToPeer(peer, idleKind, null),
      close: (peer, reason) => transport.close(peer, reason),
    });
    this.#ownName = new OwnName({
      clock,
      self: () => this.#facts(),
      isJoined: () => this.#isJoined,
      onFatal: options.onFatal,
    });
    this.#introductions = this.#makeIntroductions();
    this.#seeds = this.#makeSeeds();
    this.#redials = new Redials({ clock, random, timing, transport, post, membership });
    membership.observe({ nodeIdTaken: (holder) => this.#ownName.lost(holder) });
    post.onPeer(idleKind, (peer) => post.sendToPeer(peer, presentKind, null));
    post.onPeer(presentKind, () => undefined);
  }

  get isJoined(): boolean {
    return this.#isJoined;
  }

  get obstacle(): string | undefined {
    if (this.#isJoined) return undefined;
    const grievances = this.#ownName.obstacle ?? this.#grievances.all.join(' ');
    return grievances === '' ? 'No seed node has answered yet.' : grievances;
  }

  start(): void {
    this.#redials.start();
    if (this.#seeds.isAlone) this.#join('There is nobody to join; this node is a cluster of its own.');
    this.#seeds.start();
  }

  stop(): void {
    this.#seeds.stop();
    this.#redials.stop();
    this.#connections.clear();
  }

  opened(peer: PeerId): void {
    this.#introductions.opened(this.#connections.add(peer));
  }

  closed(peer: PeerId, reason: string): void {
    const { post, membership } = this.#options;
    const node = post.nodeOf(peer);
    this.#connections.remove(peer);
    this.#introductions.closed(peer);
    post.unbind(peer, reason);
    if (node !== undefined) membership.doubted(node);
  }

  frame(peer: PeerId, bytes: Uint8Array): void {
    this.#noteSign(peer);
    this.#options.post.frame(peer, bytes);
  }

  question(peer: PeerId, bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    this.#noteSign(peer);
    this.#options.post.question(peer, bytes, answer);
  }

  #noteSign(peer: PeerId): void {
    const connection = this.#connections.get(peer);
    if (connection !== undefined) connection.lastFrameMs = this.#options.clock.monotonicMs();
    const node = this.#options.post.nodeOf(peer);
    if (node !== undefined) this.#options.membership.heard(node);
  }

  #makeIntroductions(): Introductions {
    const { clock, log, transport, post, membership, proof } = this.#options;
    return new Introductions({
      clock,
      log,
      transport,
      post,
      membership,
      proof,
      connections: this.#connections,
      ownName: this.#ownName,
      grievances: this.#grievances,
      self: () => this.#facts(),
      isJoined: () => this.#isJoined,
      onWelcome: () => this.#welcomed(),
    });
  }

  #makeSeeds(): Seeds {
    const { clock, random, timing, transport, resolver, seeds, ownAddress, membership } = this.#options;
    return new Seeds({
      clock,
      random,
      timing,
      transport,
      resolver,
      seeds,
      ownAddress,
      grievances: this.#grievances,
      hasCompany: () => membership.live.length > 1,
      onAlone: () => this.#join('Every seed node is this node itself; it is a cluster of its own.'),
      onCopy: (fault) => this.#ownName.copied(fault),
    });
  }

  #welcomed(): void {
    this.#join('Joined the mesh.');
    this.#redials.dialAll();
  }

  #join(how: string): void {
    if (this.#isJoined) return;
    this.#isJoined = true;
    this.#options.log.info(how, { members: this.#options.membership.live.length });
  }

  /** The incarnation is membership's to raise. */
  #facts(): MemberFacts {
    const { facts, membership } = this.#options;
    return { ...facts(), incarnation: membership.self.incarnation };
  }
}

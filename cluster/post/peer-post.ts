import { isFault } from '../../kit/fault.ts';
import type { Environment } from '../environment.ts';
import type { NodeId } from '../membership/contract.ts';
import type { PeerId, Transport } from '../transport/contract.ts';
import type { Codec } from './codec.ts';
import type { Body, Post, PostObserver } from './contract.ts';
import { postFaults } from './faults.ts';
import { Strikes } from './strikes.ts';

export interface PeerPostOptions extends Environment {
  readonly self: NodeId;
  readonly transport: Transport;
  readonly codec: Codec;
}

type Handler = (from: NodeId, body: Body) => void;
type PeerHandler = (peer: PeerId, body: Body) => void;
type Service = (from: NodeId, body: Body, answer: (body: Body) => void) => void;

/**
 * Messages over a transport. Frames are [kind, body], questions [service, body]; kinds that nobody handles are passed
 * over, so that versions can be mixed. Only a peer that was bound to a node reaches handlers; the one exception are the
 * kinds of `onPeer`, by which a peer introduces itself.
 */
export class PeerPost implements Post {
  readonly self: NodeId;
  /** Frames and questions since the start that were unreadable, or came from a peer that had not introduced itself. */
  refused = 0;
  readonly #options: PeerPostOptions;
  readonly #strikes: Strikes;
  readonly #nodes = new Map<PeerId, NodeId>();
  readonly #peers = new Map<NodeId, PeerId>();
  readonly #handlers = new Map<string, Handler>();
  readonly #peerHandlers = new Map<string, PeerHandler>();
  readonly #services = new Map<string, Service>();
  readonly #observers: PostObserver[] = [];
  #reachable: readonly NodeId[] = [];

  constructor(options: PeerPostOptions) {
    this.self = options.self;
    this.#options = options;
    this.#strikes = new Strikes(options.clock);
  }

  reachable(): readonly NodeId[] {
    return this.#reachable;
  }

  isReachable(node: NodeId): boolean {
    return this.#peers.has(node);
  }

  send(to: NodeId, kind: string, body: Body): boolean {
    const peer = this.#peers.get(to);
    return peer !== undefined && this.sendToPeer(peer, kind, body);
  }

  broadcast(kind: string, body: Body): number {
    if (this.#nodes.size === 0) return 0;
    const frame = this.#options.codec.encode([kind, body]);
    let taken = 0;
    for (const peer of this.#nodes.keys()) if (this.#options.transport.send(peer, frame)) taken++;
    return taken;
  }

  on(kind: string, handler: Handler): void {
    this.#handlers.set(kind, handler);
  }

  ask(to: NodeId, service: string, body: Body, timeoutMs: number, done: (answer: Body | undefined) => void): void {
    const peer = this.#peers.get(to);
    if (peer === undefined) {
      // Later, so that the caller is never called back from inside its own call.
      this.#options.clock.after(0, () => done(undefined));
      return;
    }
    const question = this.#options.codec.encode([service, body]);
    this.#options.transport.ask(peer, question, timeoutMs, (answer) => {
      done(answer === undefined ? undefined : this.#guarded(peer, () => this.#options.codec.decode(answer)));
    });
  }

  serve(service: string, handler: Service): void {
    this.#services.set(service, handler);
  }

  observe(observer: PostObserver): void {
    this.#observers.push(observer);
  }

  /** From now on the peer speaks for the node. A node speaks through one peer: an earlier one is unbound. */
  bind(peer: PeerId, node: NodeId): void {
    if (this.#nodes.get(peer) === node) return;
    this.unbind(peer, 'It introduced itself by another name.');
    const earlier = this.#peers.get(node);
    if (earlier !== undefined) this.unbind(earlier, 'The node came back as another peer.');
    this.#nodes.set(peer, node);
    this.#peers.set(node, peer);
    this.#reachable = [...this.#peers.keys()];
    for (const observer of this.#observers) observer.reached?.(node);
  }

  /** The peer's messages no longer reach handlers. Does nothing for a peer that is not bound. */
  unbind(peer: PeerId, reason: string): void {
    const node = this.#nodes.get(peer);
    if (node === undefined) return;
    this.#nodes.delete(peer);
    this.#peers.delete(node);
    this.#reachable = [...this.#peers.keys()];
    this.#options.log.debug('A member is out of reach.', { node_id: node, peer, reason });
    for (const observer of this.#observers) observer.lost?.(node);
  }

  /** The node that a peer speaks for; undefined while it is not bound. */
  nodeOf(peer: PeerId): NodeId | undefined {
    return this.#nodes.get(peer);
  }

  /** The peer that speaks for a node; undefined while none is bound. */
  peerOf(node: NodeId): PeerId | undefined {
    return this.#peers.get(node);
  }

  /** Sends to a peer that need not be bound. */
  sendToPeer(peer: PeerId, kind: string, body: Body): boolean {
    return this.#options.transport.send(peer, this.#options.codec.encode([kind, body]));
  }

  /** What to do with messages of a kind by which peers introduce themselves; these come from unbound peers too. */
  onPeer(kind: string, handler: PeerHandler): void {
    this.#peerHandlers.set(kind, handler);
  }

  /** A frame arrived. */
  frame(peer: PeerId, bytes: Uint8Array): void {
    this.#guarded(peer, () => {
      const [kind, body] = this.#open(bytes);
      const introduction = this.#peerHandlers.get(kind);
      if (introduction !== undefined) introduction(peer, body);
      else this.#deliver(peer, kind, body);
    });
  }

  /** A question arrived. */
  question(peer: PeerId, bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    this.#guarded(peer, () => {
      const node = this.#nodes.get(peer);
      if (node === undefined) {
        this.refused++;
        return;
      }
      const [service, body] = this.#open(bytes);
      const handler = this.#services.get(service);
      handler?.(node, body, (reply) => answer(this.#options.codec.encode(reply)));
    });
  }

  #deliver(peer: PeerId, kind: string, body: Body): void {
    const node = this.#nodes.get(peer);
    if (node === undefined) {
      this.refused++;
      return;
    }
    const handler = this.#handlers.get(kind);
    handler?.(node, body);
  }

  #open(bytes: Uint8Array): [string, Body] {
    const message = this.#options.codec.decode(bytes);
    if (!Array.isArray(message) || typeof message[0] !== 'string') {
      throw postFaults.peer_message_malformed('The message has no kind.');
    }
    return [message[0], message[1]];
  }

  /** Undefined when `action` found the peer's message malformed. */
  #guarded<T>(peer: PeerId, action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      this.#refuse(peer, error);
      return undefined;
    }
  }

  #refuse(peer: PeerId, error: unknown): void {
    if (isFault(error) && error.code === 'peer_version_unknown') return;
    this.refused++;
    const { log, transport } = this.#options;
    const about = { peer, node_id: this.#nodes.get(peer) };
    // Not a Fault: a mistake of ours. It counts all the same, so that whoever provokes it cannot go on.
    if (!isFault(error)) log.error('A message of a member could not be handled.', { ...about, error });
    const verdict = this.#strikes.add(peer);
    if (verdict === 'bear') return;
    if (verdict === 'close_and_log') {
      log.warn('A member sent too many messages that cannot be read; its connection is closed.', { ...about, error });
    }
    transport.close(peer, 'It sent too many messages that cannot be read.');
  }
}

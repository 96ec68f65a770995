import { decode, encode } from '@msgpack/msgpack';
import type { NodeId } from '../../../cluster/membership/contract.ts';
import type { Body, Post, PostObserver } from '../../../cluster/post/contract.ts';
import { isFault } from '../../../kit/fault.ts';
import type { Random } from '../../../kit/random.ts';
import type { ManualClock } from '../../manual-clock.ts';
import type { NodeClock } from './node-clock.ts';

type Handler = (from: NodeId, body: Body) => void;
type Service = (from: NodeId, body: Body, answer: (body: Body) => void) => void;

export interface Misfortune {
  lossChance: number;
  duplicateChance: number;
  delayMinMs: number;
  delayMaxMs: number;
}

/** Carries messages as MessagePack between posts, late, lost, twice, and in any order. */
export class PostNetwork {
  readonly misfortune: Misfortune = { lossChance: 0, duplicateChance: 0, delayMinMs: 1, delayMaxMs: 1 };
  readonly posts = new Map<NodeId, NetworkPost>();
  /** What was sent, by kind. */
  readonly sent = new Map<string, number>();
  bytes = 0;
  readonly #clock: ManualClock;
  readonly #random: Random;
  readonly #links = new Set<string>();

  constructor(clock: ManualClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  connect(left: NodeId, right: NodeId): void {
    if (this.isConnected(left, right)) return;
    this.#links.add(linkOf(left, right));
    this.posts.get(left)?.tell((observer) => observer.reached?.(right));
    this.posts.get(right)?.tell((observer) => observer.reached?.(left));
  }

  disconnect(left: NodeId, right: NodeId): void {
    if (!this.#links.delete(linkOf(left, right))) return;
    this.posts.get(left)?.tell((observer) => observer.lost?.(right));
    this.posts.get(right)?.tell((observer) => observer.lost?.(left));
  }

  isConnected(left: NodeId, right: NodeId): boolean {
    return this.#links.has(linkOf(left, right));
  }

  /** Brings a message to another post, if luck and the connection allow it. */
  carry(from: NodeId, to: NodeId, kind: string, body: Body, deliver: (post: NetworkPost, body: Body) => void): void {
    const bytes = encode(body);
    this.sent.set(kind, (this.sent.get(kind) ?? 0) + 1);
    this.bytes += bytes.length;
    const { lossChance, duplicateChance, delayMinMs, delayMaxMs } = this.misfortune;
    const copies = this.#random.next() < lossChance ? 0 : this.#random.next() < duplicateChance ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.#clock.after(delayMinMs + this.#random.next() * (delayMaxMs - delayMinMs), () => {
        const post = this.posts.get(to);
        if (post === undefined || !this.isConnected(from, to)) return;
        post.clock.run(() => deliver(post, decode(bytes)));
      });
    }
  }
}

/** A node's post on such a network. A Fault of a handler is counted, as the contract says. */
export class NetworkPost implements Post {
  readonly self: NodeId;
  readonly clock: NodeClock;
  refused = 0;
  /** Codes of the Faults that handlers threw. */
  readonly refusals = new Set<string>();
  readonly #network: PostNetwork;
  readonly #handlers = new Map<string, Handler>();
  readonly #services = new Map<string, Service>();
  readonly #observers: PostObserver[] = [];

  constructor(network: PostNetwork, self: NodeId, clock: NodeClock) {
    this.self = self;
    this.clock = clock;
    this.#network = network;
    network.posts.set(self, this);
  }

  reachable(): readonly NodeId[] {
    return [...this.#network.posts.keys()].filter((node) => this.isReachable(node));
  }

  isReachable(node: NodeId): boolean {
    return this.#network.isConnected(this.self, node);
  }

  send(to: NodeId, kind: string, body: Body): boolean {
    if (!this.isReachable(to)) return false;
    this.#network.carry(this.self, to, kind, body, (post, body) => post.receive(this.self, kind, body));
    return true;
  }

  broadcast(kind: string, body: Body): number {
    return this.reachable().filter((to) => this.send(to, kind, body)).length;
  }

  on(kind: string, handler: Handler): void {
    this.#handlers.set(kind, handler);
  }

  ask(to: NodeId, service: string, body: Body, timeoutMs: number, done: (answer: Body | undefined) => void): void {
    let isDone = false;
    const finish = (answer: Body | undefined) => {
      if (isDone) return;
      isDone = true;
      timer.cancel();
      done(answer);
    };
    const timer = this.clock.after(timeoutMs, () => finish(undefined));
    if (!this.isReachable(to)) {
      finish(undefined);
      return;
    }
    this.#network.carry(this.self, to, service, body, (post, body) => {
      post.question(this.self, service, body, (answer) =>
        this.#network.carry(to, this.self, `${service} answer`, answer, (_post, answer) => finish(answer)),
      );
    });
  }

  serve(service: string, handler: Service): void {
    this.#services.set(service, handler);
  }

  observe(observer: PostObserver): void {
    this.#observers.push(observer);
  }

  tell(what: (observer: PostObserver) => void): void {
    this.clock.run(() => this.#observers.forEach(what));
  }

  receive(from: NodeId, kind: string, body: Body): void {
    this.#guarded(() => this.#handlers.get(kind)?.(from, body));
  }

  question(from: NodeId, service: string, body: Body, answer: (body: Body) => void): void {
    this.#guarded(() => this.#services.get(service)?.(from, body, answer));
  }

  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!isFault(error)) throw error;
      this.refused++;
      this.refusals.add(error.code);
    }
  }
}

function linkOf(left: NodeId, right: NodeId): string {
  return left < right ? `${left} ${right}` : `${right} ${left}`;
}

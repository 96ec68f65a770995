import type { Environment } from '../environment.ts';
import type { Member, Membership, MemberState, NodeId } from '../membership/contract.ts';
import type { Body, Post } from '../post/contract.ts';
import type { SharedState, StateEntry, StateValue } from './contract.ts';
import { decodePush, type Delta } from './delta.ts';
import type { Entry } from './node-state.ts';
import { OwnState } from './own-state.ts';
import { pushKind, Pusher } from './push.ts';
import { Replicas } from './replicas.ts';
import { Sync } from './sync.ts';
import { Watchers } from './watchers.ts';

export interface GossipOptions extends Environment {
  readonly post: Post;
  readonly membership: Membership;
}

/**
 * What each node says of itself, known to all. Changes are pushed; what gets lost is found by comparing (Scuttlebutt:
 * van Renesse et al., "Efficient Reconciliation and Flow Control for Anti-Entropy Protocols"). Costs depend on what
 * changes, never on how often it is read. No timer runs while nobody is there.
 */
export class Gossip implements SharedState {
  readonly #post: Post;
  readonly #membership: Membership;
  readonly #watchers = new Watchers();
  readonly #own: OwnState;
  readonly #replicas: Replicas;
  readonly #pusher: Pusher;
  readonly #sync: Sync;
  #isRunning = false;

  constructor(options: GossipOptions) {
    const { clock, random, log, timing, post, membership } = options;
    const environment = { clock, random, log, timing };
    this.#post = post;
    this.#membership = membership;
    this.#own = new OwnState({ clock, membership, log });
    this.#replicas = new Replicas({ membership, clock, keepMs: timing.deadKeepMs, watchers: this.#watchers });
    this.#pusher = new Pusher(environment, post, this.#own);
    this.#sync = new Sync(environment, {
      post,
      membership,
      own: this.#own,
      replicas: this.#replicas,
      take: (deltas, from) => this.#take(deltas, from, 0),
      claimed: (incarnation, version) => this.#claimed(incarnation, version),
    });
    this.#listen();
  }

  /** Begins to compare with those who can be reached. Before, and after `stop`, it only answers questions. */
  start(): void {
    this.#isRunning = true;
    if (this.#post.reachable().length === 0) return;
    // Whoever comes later is asked at once; those who were there are compared with in turn.
    this.#sync.begin();
    for (const member of this.#post.reachable()) this.#sync.compareWith(member);
  }

  stop(): void {
    this.#isRunning = false;
    this.#sync.stop();
    this.#pusher.stop();
    this.#replicas.stop();
  }

  /** Throws a Fault (`gossip_value_refused`) for what cannot be sent. */
  set(key: string, value: StateValue, isUrgent = false): void {
    this.#changed(this.#own.set(key, value), isUrgent);
  }

  delete(key: string, isUrgent = false): void {
    this.#changed(this.#own.delete(key), isUrgent);
  }

  get(node: NodeId, key: string): StateValue | undefined {
    const state = node === this.#post.self ? this.#own.state : this.#replicas.visibleState(node);
    return state?.get(key)?.value;
  }

  /** Goes through all keys: for beginning and for status; `watch` is for following. */
  each(prefix: string, visit: (entry: StateEntry) => void): void {
    for (const state of [this.#own.state, ...this.#replicas.visible()]) {
      const isSelf = state === this.#own.state;
      for (const { key, value, version } of state.entries()) {
        if (value !== undefined && key.startsWith(prefix)) visit({ node: state.node, isSelf, key, value, version });
      }
    }
  }

  watch(prefix: string, listener: (entry: StateEntry) => void): void {
    this.#watchers.add(prefix, listener);
  }

  digest(): string {
    return this.#membership.live
      .map(({ nodeId, isSelf }) => {
        const state = isSelf ? this.#own.state : this.#replicas.get(nodeId);
        // Of one that has said nothing yet nobody else knows more than that.
        return state === undefined || state.version === 0
          ? `${nodeId}:0:0`
          : `${nodeId}:${state.incarnation}:${state.version}`;
      })
      .join(' ');
  }

  #listen(): void {
    this.#post.on(pushKind, (from, body) => this.#pushed(from, body));
    this.#post.observe({ reached: (node) => this.#reached(node) });
    this.#membership.observe({ memberChanged: (member, before) => this.#memberChanged(member, before) });
  }

  #changed(entry: Entry | undefined, isUrgent: boolean): void {
    if (entry === undefined) return;
    const { key, value, version } = entry;
    if (this.#isRunning) this.#pusher.changed(isUrgent);
    else this.#pusher.skip();
    this.#watchers.tell({ node: this.#post.self, isSelf: true, key, value, version });
  }

  #pushed(from: NodeId, body: Body): void {
    if (!this.#isRunning) return;
    const { d, p } = decodePush(body);
    this.#take(d, from, p);
  }

  #take(deltas: readonly Delta[], from: NodeId, passes: number): boolean {
    let isNew = false;
    for (const delta of deltas) {
      if (delta.n === this.#post.self) {
        this.#claimed(delta.i, Math.max(delta.t, delta.g));
        continue;
      }
      const uptake = this.#replicas.take(delta, from);
      if (uptake.hasGap) this.#sync.pull(delta.n, from);
      if (uptake.isNew) this.#pusher.relay(delta, passes, from);
      isNew ||= uptake.isNew;
    }
    return isNew;
  }

  #claimed(incarnation: number, version: number): void {
    if (this.#isRunning && this.#own.outbid(incarnation, version)) this.#pusher.changed(false);
  }

  /** Its own state from itself, and what the others say from whoever came first. */
  #reached(member: NodeId): void {
    if (!this.#isRunning) return;
    this.#sync.begin();
    this.#sync.pull(member, member);
    this.#sync.compareWith(member);
  }

  #memberChanged(member: Member, before: MemberState | undefined): void {
    if (member.isSelf) return;
    this.#replicas.memberChanged(member, before);
    const isKnown = this.#replicas.get(member.nodeId)?.incarnation === member.incarnation;
    if (this.#isRunning && !isKnown && this.#post.isReachable(member.nodeId))
      this.#sync.pull(member.nodeId, member.nodeId);
  }
}

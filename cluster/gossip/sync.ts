import type { Timer } from '../../kit/clock.ts';
import { isFault } from '../../kit/fault.ts';
import type { Environment } from '../environment.ts';
import { Hash64 } from '../hash64.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import type { Body, Post } from '../post/contract.ts';
import { randomMembers } from '../random-members.ts';
import {
  decodeAnswer,
  decodeQuestion,
  deltaBeyond,
  isBeyond,
  knownOf,
  type Delta,
  type Known,
  type SyncAnswer,
  type SyncQuestion,
} from './delta.ts';
import {
  askTimeoutMs,
  digestNodesMax,
  messageBytesMax,
  messageDeltasMax,
  messageEntriesMax,
  roundsMax,
} from './limits.ts';
import type { NodeState } from './node-state.ts';
import type { OwnState } from './own-state.ts';
import { pushKind } from './push.ts';
import type { Replicas } from './replicas.ts';

const service = 'gossip/sync';
/** Answers a hash of all that is known, so that equal members of a large mesh need not tell each other a line for each. */
const hashService = 'gossip/hash';

export interface SyncParts {
  readonly post: Post;
  readonly membership: Membership;
  readonly own: OwnState;
  readonly replicas: Replicas;
  /** Takes in deltas; answers whether any of it was new. */
  readonly take: (deltas: readonly Delta[], from: NodeId) => boolean;
  /** Somebody claims to know so much of this node. */
  readonly claimed: (incarnation: number, version: number) => void;
}

/** Compares with another member what both know (Scuttlebutt): by the clock, with those who come, and where there is a gap. */
export class Sync {
  readonly #environment: Environment;
  readonly #parts: SyncParts;
  #timer: Timer | undefined;
  /** Questions under way: `*` for all that is known, or the node that they are about. */
  readonly #asked = new Set<string>();

  constructor(environment: Environment, parts: SyncParts) {
    this.#environment = environment;
    this.#parts = parts;
    parts.post.serve(service, (from, body, answer) => answer(this.#answer(decodeQuestion(body), from)));
    parts.post.serve(hashService, (_from, _body, answer) => answer(this.#hash()));
  }

  /** Compares with somebody now and then, as long as there is anybody. */
  begin(): void {
    this.#timer ??= this.#environment.clock.every(this.#environment.timing.antiEntropyMs, () => this.#tick());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** All that either knows, with one member; one such comparison at a time. */
  compareWith(member: NodeId): void {
    this.#ask(member, '*', roundsMax);
  }

  /** What is missing of one node: of itself if it can be reached, else of who told of it. */
  pull(owner: NodeId, from: NodeId): void {
    this.#ask(this.#parts.post.isReachable(owner) ? owner : from, owner, roundsMax);
  }

  #tick(): void {
    const others = this.#parts.post.reachable();
    this.#parts.own.collect();
    const [member] = randomMembers(others, 1, this.#environment.random);
    if (member === undefined) this.stop();
    else if (others.length <= this.#environment.timing.directMembersMax) this.compareWith(member);
    else this.#compareUnlessEqual(member);
  }

  #compareUnlessEqual(member: NodeId): void {
    this.#parts.post.ask(member, hashService, null, askTimeoutMs, (hash) => {
      if (this.#timer !== undefined && hash !== this.#hash()) this.compareWith(member);
    });
  }

  /** Of whose words are known up to where, in whatever order. */
  #hash(): string {
    let [high, low] = [0, 0];
    for (const { node, incarnation, version } of this.#states()) {
      if (version === 0) continue;
      const hash = new Hash64(5).text(node).number(incarnation).number(version);
      high ^= hash.high;
      low ^= hash.low;
    }
    return `${(high >>> 0).toString(16)}.${(low >>> 0).toString(16)}`;
  }

  #ask(member: NodeId, about: string, roundsLeft: number): void {
    if (this.#asked.has(about)) return;
    this.#asked.add(about);
    this.#parts.post.ask(member, service, this.#question(about), askTimeoutMs, (body) => {
      this.#asked.delete(about);
      if (body === undefined || this.#timer === undefined) return;
      const isUnfinished = this.#takeAnswer(body, member);
      if (isUnfinished && roundsLeft > 0) this.#ask(member, about, roundsLeft - 1);
    });
  }

  /** Whether there is more to come. Values are looked at only as they are taken in, and may be malformed too. */
  #takeAnswer(body: Body, member: NodeId): boolean {
    try {
      const answer = decodeAnswer(body);
      const isProgress = this.#parts.take(answer.d, member);
      this.#give(answer.k, member);
      return answer.m && isProgress;
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#environment.log.warn('A member answered with malformed state.', { member, error });
      return false;
    }
  }

  #question(about: string): SyncQuestion {
    if (about === '*') return { k: this.#states().map(knownOf), o: false };
    const state = this.#parts.replicas.get(about);
    return { k: [state === undefined ? [about, 0, 0, 0] : knownOf(state)], o: true };
  }

  #answer({ k, o }: SyncQuestion, from: NodeId): SyncAnswer {
    const known = new Map(k.map((each) => [each[0], each]));
    this.#noteClaims(k);
    const states = o ? this.#named([...known.keys()]) : this.#states().filter(({ node }) => node !== from);
    const allowance = { entries: messageEntriesMax, bytes: messageBytesMax };
    const deltas: Delta[] = [];
    let isMore = false;
    for (const state of states) {
      if (!isBeyond(state, known.get(state.node))) continue;
      if (deltas.length >= messageDeltasMax) isMore = true;
      else deltas.push(deltaBeyond(state, known.get(state.node), allowance));
      isMore ||= (deltas.at(-1)?.t ?? 0) < state.version;
    }
    return { d: deltas, k: this.#wanted(k), m: isMore };
  }

  /** What the other knows more of than this node. */
  #wanted(known: readonly Known[]): Known[] {
    const { membership, post } = this.#parts;
    return known.flatMap((theirs): Known[] => {
      const [node, incarnation, version] = theirs;
      if (node === post.self || version === 0) return [];
      // Nodes that membership does not know, or not in this incarnation, would not be taken in.
      if ((membership.get(node)?.incarnation ?? -1) < incarnation) return [];
      const state = this.#parts.replicas.get(node);
      if (state === undefined) return [[node, 0, 0, 0]];
      const isBehind =
        state.incarnation < incarnation || (state.incarnation === incarnation && state.version < version);
      return isBehind ? [knownOf(state)] : [];
    });
  }

  /** One message of what the other lacks; the rest at the next comparison. */
  #give(wanted: readonly Known[], member: NodeId): void {
    this.#noteClaims(wanted);
    const allowance = { entries: messageEntriesMax, bytes: messageBytesMax };
    const deltas = wanted.flatMap((known) => {
      const [state] = this.#named([known[0]]);
      return state !== undefined && isBeyond(state, known) ? [deltaBeyond(state, known, allowance)] : [];
    });
    if (deltas.length > 0) this.#parts.post.send(member, pushKind, { d: deltas, p: 0 });
  }

  #noteClaims(known: readonly Known[]): void {
    for (const [node, incarnation, version, floor] of known) {
      // With a floor that the node never set, nothing that it says below would be taken in.
      if (node === this.#parts.post.self) this.#parts.claimed(incarnation, Math.max(version, floor));
    }
  }

  /** Of these nodes, as far as anything may be told of them. */
  #named(nodes: readonly NodeId[]): NodeState[] {
    const { own, replicas } = this.#parts;
    return nodes.flatMap((node) => (node === own.state.node ? own.state : replicas.visibleState(node)) ?? []);
  }

  /** This node's own and those of live members: the dead are not spread. */
  #states(): NodeState[] {
    return [this.#parts.own.state, ...this.#parts.replicas.visible()].slice(0, digestNodesMax);
  }
}

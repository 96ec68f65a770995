import type { Clock } from '../../kit/clock.ts';
import { LruMap } from '../../kit/lru-map.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import { absencesMax } from './limits.ts';

export interface CurrencyOptions {
  readonly clock: Clock;
  readonly post: Post;
  readonly membership: Membership;
  /** True once a member told this node who is there, or once it is clear that there is nobody to join. */
  readonly isJoined: () => boolean;
}

/** A node that did nothing for so long stood still (SIGSTOP, a suspended machine): the others may have gone on. */
const standstillMs = 1000;

/**
 * Whether this node may lack records that the others have. It needs a base: since its start, and since it last stood
 * still, it compared with a member that is current itself, or, once it was told who is there, with all of them; and it
 * compared with each member since that one came into reach, for the first time or again: what a third one has of it may
 * be from before a split.
 */
export class Currency {
  readonly #options: CurrencyOptions;
  readonly #listeners: (() => void)[] = [];
  readonly #away = new LruMap<NodeId, true>(absencesMax);
  /** Came into reach, and may know more. */
  readonly #arrived = new Set<NodeId>();
  readonly #comparedSinceDoubt = new Set<NodeId>();
  #hasBase = false;
  #wasCurrent = false;
  #beatMs: number | undefined;
  /** A comparison counts only when no doubt came up since it began. */
  #epoch = 0;

  constructor(options: CurrencyOptions) {
    this.#options = options;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Checks the clock as well, so that the first to ask after a standstill is told the truth. */
  isCurrent(): boolean {
    this.#checkStandstill();
    this.#checkBase();
    const isCurrent = this.#hasBase && this.#arrived.size === 0;
    const hasBecome = isCurrent && !this.#wasCurrent;
    this.#wasCurrent = isCurrent;
    if (hasBecome) for (const listener of this.#listeners) listener();
    return isCurrent;
  }

  whenCurrent(listener: () => void): void {
    const isCurrent = this.isCurrent();
    this.#listeners.push(listener);
    if (isCurrent) listener();
  }

  /** Called several times a second while anybody else is there. */
  beat(): void {
    this.#checkStandstill();
    this.#beatMs = this.#options.clock.monotonicMs();
  }

  /** The beat ends, since there is nobody to miss anything from. */
  rest(): void {
    this.#beatMs = undefined;
  }

  reached(node: NodeId): void {
    this.#arrived.add(node);
    this.#wasCurrent = false;
    // What it answered before it was away does not count.
    if (this.#away.delete(node)) this.#epoch++;
  }

  lost(node: NodeId): void {
    this.#away.set(node, true);
    this.#arrived.delete(node);
    this.#comparedSinceDoubt.delete(node);
  }

  compared(node: NodeId, wasCurrent: boolean, epoch: number): void {
    if (epoch !== this.#epoch) return;
    this.#arrived.delete(node);
    this.#comparedSinceDoubt.add(node);
    if (wasCurrent) this.#hasBase = true;
    this.isCurrent();
  }

  /** It has records that this node refused: no comparison makes this node current before one with it that is complete. */
  lacks(node: NodeId): void {
    if (!this.isCurrent()) this.#arrived.add(node);
  }

  /** With whom to compare in order to become current; whom it compared with before can tell no more. */
  wanted(): NodeId[] {
    if (this.isCurrent()) return [];
    const isWanted = (node: NodeId) => (this.#hasBase ? this.#arrived.has(node) : !this.#comparedSinceDoubt.has(node));
    return this.#options.post.reachable().filter(isWanted);
  }

  #checkStandstill(): void {
    if (this.#beatMs === undefined) return;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#beatMs <= standstillMs) return;
    this.#beatMs = nowMs;
    this.#hasBase = false;
    this.#wasCurrent = false;
    this.#comparedSinceDoubt.clear();
    this.#epoch++;
  }

  #checkBase(): void {
    if (this.#hasBase) return;
    const { live } = this.#options.membership;
    // Asked after each comparison: a look at every member only where it can succeed.
    if (!this.#options.isJoined() || this.#comparedSinceDoubt.size < live.length - 1) return;
    this.#hasBase = live.every(({ nodeId, isSelf }) => isSelf || this.#comparedSinceDoubt.has(nodeId));
  }
}

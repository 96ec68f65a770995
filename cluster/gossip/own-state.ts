import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Membership } from '../membership/contract.ts';
import { isSamePlain, plainCopy } from '../plain-value.ts';
import type { StateValue } from './contract.ts';
import { gossipFaults } from './faults.ts';
import {
  keyLengthMax,
  keysMax,
  relayedVersionMax,
  restateGapMs,
  tombstoneKeepMs,
  tombstonesMax,
  valueBytesMax,
} from './limits.ts';
import { NodeState, type Entry } from './node-state.ts';

/** What this node says of itself. Its incarnation is that of its start; refutations do not begin it anew. */
export class OwnState {
  #state: NodeState;
  readonly #clock: Clock;
  readonly #membership: Membership;
  readonly #log: Log;
  /** Oldest first. */
  #tombstones: { key: string; version: number; atMs: number }[] = [];
  #isFullTold = false;
  #restatedMs = Number.NEGATIVE_INFINITY;

  constructor(options: { clock: Clock; membership: Membership; log: Log }) {
    this.#clock = options.clock;
    this.#membership = options.membership;
    this.#log = options.log;
    const { nodeId, incarnation } = options.membership.self;
    this.#state = new NodeState(nodeId, incarnation);
  }

  get state(): NodeState {
    return this.#state;
  }

  /** The changed entry; undefined when nothing changed. */
  set(key: string, value: StateValue): Entry | undefined {
    const plain = plainCopy(value, valueBytesMax);
    if (plain === undefined || key === '' || key.length > keyLengthMax || !key.isWellFormed()) {
      throw gossipFaults.gossip_value_refused('A key or value of the own state is too long, or cannot be sent.');
    }
    const present = this.#state.get(key)?.value;
    if (present !== undefined && isSamePlain(present, plain.value)) return undefined;
    if (present === undefined && this.#state.keyCount >= keysMax) return this.#refuseMore();
    return this.#put(key, plain.value, plain.bytes);
  }

  delete(key: string): Entry | undefined {
    if (this.#state.get(key)?.value === undefined) return undefined;
    const entry = this.#put(key, undefined, 0);
    this.#tombstones.push({ key, version: entry.version, atMs: this.#clock.monotonicMs() });
    if (this.#tombstones.length > tombstonesMax) this.collect(this.#tombstones.length - tombstonesMax / 2);
    return entry;
  }

  /** Forgets deleted keys that all had time to hear of, or the `countMin` oldest. */
  collect(countMin = 0): void {
    const heardByMs = this.#clock.monotonicMs() - tombstoneKeepMs;
    let count = 0;
    for (const { atMs } of this.#tombstones) {
      if (count >= countMin && atMs > heardByMs) break;
      count++;
    }
    const last = this.#tombstones[count - 1];
    if (last === undefined) return;
    this.#tombstones = this.#tombstones.slice(count);
    this.#state.forgetTombstones(last.version);
  }

  /** Nobody is there to hear of deletions: whoever comes back is told to begin anew. */
  collectAll(): void {
    this.collect(this.#tombstones.length);
  }

  /**
   * Somebody knows more of this node than it does itself: from before its disk was lost, or invented. It counts on from
   * there, so that what it says is news again. True when everything has to be said again.
   */
  outbid(incarnation: number, version: number): boolean {
    const own = this.#state;
    if (incarnation < own.incarnation || (incarnation === own.incarnation && version <= own.version)) return false;
    const { incarnation: current } = this.#membership.self;
    // Nobody believes an incarnation of this node that it has not taken itself, and it takes one when it hears of one.
    if (incarnation > current || version > relayedVersionMax) return false;
    // Saying all again is much work for who is asked to do it by a word; a claim that stands is heard again.
    if (this.#clock.monotonicMs() - this.#restatedMs < restateGapMs) return false;
    this.#restatedMs = this.#clock.monotonicMs();
    this.#restate(Math.max(current, own.incarnation), Math.max(version, own.version));
    return true;
  }

  #restate(incarnation: number, version: number): void {
    const former = this.#state;
    const state = new NodeState(former.node, incarnation);
    // Above what anybody can know, so that all begin anew and let go of keys that this node does not know.
    state.version = version + 1;
    state.floor = state.version;
    for (const { key, value, bytes } of former.entries()) {
      if (value !== undefined) state.put(key, value, bytes, ++state.version);
    }
    this.#tombstones = [];
    this.#state = state;
  }

  #put(key: string, value: StateValue | undefined, bytes: number): Entry {
    const state = this.#state;
    return state.put(key, value, bytes, ++state.version);
  }

  #refuseMore(): undefined {
    if (this.#isFullTold) return;
    this.#isFullTold = true;
    this.#log.warn('This node says too much of itself: further keys are not shared.', { keysMax });
  }
}

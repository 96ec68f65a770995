import type { Clock, Timer } from '../../kit/clock.ts';
import type { Member, Membership, MemberState, NodeId } from '../membership/contract.ts';
import { plainCopy } from '../plain-value.ts';
import type { StateEntry } from './contract.ts';
import { refuse, type Delta, type WireEntry } from './delta.ts';
import { entriesAheadMax, keysMax, relayedVersionMax, tombstonesMax, valueBytesMax } from './limits.ts';
import { NodeState, type Entry } from './node-state.ts';
import type { Watchers } from './watchers.ts';

export interface Uptake {
  /** Something was not known. */
  readonly isNew: boolean;
  /** Something before it is missing. */
  readonly hasGap: boolean;
}

const nothing: Uptake = { isNew: false, hasGap: false };

interface Replica {
  state: NodeState;
  /** Tells one process of a node from the next: incarnations also rise with refutations. */
  startedAtMs: number;
  isVisible: boolean;
  expiry: Timer | undefined;
}

/** What the other nodes say of themselves, as far as this node has heard. Only of members, so that there is an end to it. */
export class Replicas {
  readonly #replicas = new Map<NodeId, Replica>();
  readonly #membership: Membership;
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #watchers: Watchers;

  constructor(options: { membership: Membership; clock: Clock; keepMs: number; watchers: Watchers }) {
    this.#membership = options.membership;
    this.#clock = options.clock;
    this.#keepMs = options.keepMs;
    this.#watchers = options.watchers;
  }

  /** Of dead ones too, while they are kept. */
  get(node: NodeId): NodeState | undefined {
    return this.#replicas.get(node)?.state;
  }

  *states(): Generator<NodeState> {
    for (const { state } of this.#replicas.values()) yield state;
  }

  /** Of live nodes only. */
  *visible(): Generator<NodeState> {
    for (const { state, isVisible } of this.#replicas.values()) if (isVisible) yield state;
  }

  visibleState(node: NodeId): NodeState | undefined {
    const replica = this.#replicas.get(node);
    return replica?.isVisible === true ? replica.state : undefined;
  }

  /** Takes in what `from` says of a member. Throws a Fault when no honest member would say it. */
  take(delta: Delta, from: NodeId): Uptake {
    const member = this.#membership.get(delta.n);
    // From ahead of what membership knows: it will hear, and then ask.
    if (member === undefined || member.isSelf || delta.i > member.incarnation) return nothing;
    // Of the process before: incarnations begin no lower than the wall time of their start.
    if (delta.i < member.startedAtMs) return nothing;
    const replica = this.#replicas.get(delta.n);
    if (replica !== undefined && delta.i < replica.state.incarnation) return nothing;
    // Whoever passed it on may be honest, and the owner driven there by a lie: the owner itself is asked.
    if (delta.n !== from && Math.max(delta.t, delta.g) > relayedVersionMax) {
      return { isNew: false, hasGap: delta.t > (replica?.state.version ?? 0) };
    }
    if (replica === undefined || delta.i > replica.state.incarnation) {
      return this.#takeIn(this.#renew(member, delta.i, replica), delta);
    }
    return this.#takeIn(replica, delta);
  }

  memberChanged(member: Member, before: MemberState | undefined): void {
    const replica = this.#replicas.get(member.nodeId);
    if (replica === undefined) return;
    const isAnother = member.startedAtMs !== replica.startedAtMs && member.incarnation > replica.state.incarnation;
    const isLive = this.#membership.isLive(member.nodeId);
    if (isAnother) this.#succeed(replica, member);
    if (isLive && !replica.isVisible) this.#show(replica);
    else if (!isLive && (replica.isVisible || before === undefined)) this.#hide(replica);
  }

  stop(): void {
    for (const { expiry } of this.#replicas.values()) expiry?.cancel();
  }

  #takeIn(replica: Replica, delta: Delta): Uptake {
    this.#raiseFloor(replica, delta.g);
    const { state } = replica;
    const known = state.version;
    if (delta.t <= known) return nothing;
    // Who has not heard of the floor may still hold what was deleted below it, unless it heard of everything up to there.
    const isOutdated = delta.g < state.floor;
    if (delta.f > known) {
      const entries = isOutdated ? delta.e.filter(([, version]) => version > state.floor) : delta.e;
      const isTaken = entries.length <= entriesAheadMax && state.hasRoomAhead(entriesAheadMax);
      return { isNew: isTaken && this.#putAll(replica, entries, known), hasGap: true };
    }
    if (isOutdated && delta.t < state.floor) return nothing;
    this.#putAll(replica, delta.e, known);
    state.version = delta.t;
    return { isNew: true, hasGap: false };
  }

  /** The owner forgot deleted keys up to here. Who did not hear of all of them cannot tell which of its keys are gone. */
  #raiseFloor({ state, isVisible }: Replica, floor: number): void {
    if (floor <= state.floor) return;
    if (state.version >= floor) {
      state.forgetTombstones(floor);
      return;
    }
    const gone = state.beginAnew(floor);
    if (isVisible) this.#tellGone(state.node, gone);
  }

  /** Whether any was newer than what is here. */
  #putAll(replica: Replica, entries: readonly WireEntry[], known: number): boolean {
    const { state } = replica;
    let isNew = false;
    for (const wire of entries) {
      const [key, version] = wire;
      const present = state.get(key);
      if (version <= known || (present !== undefined && present.version >= version)) continue;
      // Passed on, two keys of one version would be refused by all, and held against this node.
      if (state.hasVersion(version)) continue;
      const plain = wire.length > 2 ? plainCopy(wire[2], valueBytesMax) : { value: undefined, bytes: 0 };
      if (plain === undefined) return refuse('has a value that is too large, or of an unknown kind');
      const hadValue = present?.value !== undefined;
      if (isTooMuch(state, hadValue, plain.value !== undefined)) return refuse('has too many keys');
      const entry = state.put(key, plain.value, plain.bytes, version);
      isNew = true;
      if (replica.isVisible && (hadValue || entry.value !== undefined)) this.#tell(state, entry);
    }
    return isNew;
  }

  #renew(member: Member, incarnation: number, former: Replica | undefined): Replica {
    const replica: Replica = former ?? {
      state: new NodeState(member.nodeId, incarnation),
      startedAtMs: member.startedAtMs,
      isVisible: this.#membership.isLive(member.nodeId),
      expiry: undefined,
    };
    replica.startedAtMs = member.startedAtMs;
    if (former !== undefined) this.#reset(replica, incarnation);
    this.#replicas.set(member.nodeId, replica);
    if (!replica.isVisible) this.#expireLater(replica);
    return replica;
  }

  #reset(replica: Replica, incarnation: number): void {
    const former = replica.state;
    replica.state = new NodeState(former.node, incarnation);
    if (replica.isVisible) this.#tellGone(former.node, former.entries());
  }

  #show(replica: Replica): void {
    replica.isVisible = true;
    replica.expiry?.cancel();
    replica.expiry = undefined;
    for (const entry of replica.state.entries()) if (entry.value !== undefined) this.#tell(replica.state, entry);
  }

  #hide(replica: Replica): void {
    const wasVisible = replica.isVisible;
    replica.isVisible = false;
    this.#expireLater(replica);
    if (wasVisible) this.#tellGone(replica.state.node, replica.state.entries());
  }

  /** Another process: who has not heard of it yet may still tell of the one before, which must not come back. */
  #succeed(replica: Replica, { startedAtMs }: Member): void {
    replica.startedAtMs = startedAtMs;
    this.#reset(replica, replica.state.incarnation + 1);
  }

  #drop(replica: Replica): void {
    replica.expiry?.cancel();
    this.#replicas.delete(replica.state.node);
    if (replica.isVisible) this.#tellGone(replica.state.node, replica.state.entries());
  }

  #expireLater(replica: Replica): void {
    replica.expiry ??= this.#clock.after(this.#keepMs, () => this.#drop(replica));
  }

  #tellGone(node: NodeId, entries: Iterable<Entry>): void {
    for (const { key, value, version } of entries) {
      if (value !== undefined) this.#watchers.tell(told(node, key, undefined, version));
    }
  }

  #tell(state: NodeState, { key, value, version }: Entry): void {
    this.#watchers.tell(told(state.node, key, value, version));
  }
}

/** An owner forgets deleted keys sooner than this, so that only a hostile one gets there. */
function isTooMuch(state: NodeState, hadValue: boolean, hasValue: boolean): boolean {
  if (hasValue) return !hadValue && state.keyCount >= keysMax;
  return state.tombstoneCount >= tombstonesMax * 2;
}

function told(node: NodeId, key: string, value: unknown, version: number): StateEntry {
  return { node, isSelf: false, key, value, version };
}

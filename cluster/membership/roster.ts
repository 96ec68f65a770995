import type { Clock, Timer } from '../../kit/clock.ts';
import type { Claim } from './claim.ts';
import type { Member, MemberFacts, MembershipObserver, MemberState, NodeId } from './contract.ts';
import { digestOf } from './roster-digest.ts';

/** Far more than a full mesh bears; against a member that invents others. */
const membersMax = 1024;

/** A member, with the readings that change too often for a new object each. */
export interface Entry extends Member {
  lastHeardMs: number | undefined;
  rttMs: number | undefined;
  /** Monotonic ms of its last sign of life, also one that a helper saw. */
  provenMs: number | undefined;
  /** Monotonic ms when it was first heard of. */
  readonly knownSinceMs: number;
  /** Monotonic ms of its last change of state. */
  readonly changedMs: number;
  /** Who accuses it. */
  readonly by: NodeId | undefined;
}

/** The table of members. Tells observers of every change, in order, and never from inside another telling. */
export class Roster {
  all: readonly Member[] = [];
  live: readonly Member[] = [];
  version = 0;
  /** Equal at members that agree who is live, in which incarnation. */
  digest = '';
  readonly #clock: Clock;
  readonly #deadKeepMs: number;
  readonly #selfId: NodeId;
  readonly #entries = new Map<NodeId, Entry>();
  readonly #observers: MembershipObserver[] = [];
  readonly #untold: { member: Member; before: MemberState | undefined }[] = [];
  #isTelling = false;
  #isTogether = false;
  #hasChanged = false;
  #burial: Timer | undefined;

  constructor(clock: Clock, deadKeepMs: number, self: MemberFacts) {
    this.#clock = clock;
    this.#deadKeepMs = deadKeepMs;
    this.#selfId = self.nodeId;
    this.set({ facts: self, state: 'alive', by: undefined });
  }

  get self(): Entry {
    const self = this.#entries.get(this.#selfId);
    if (self === undefined) throw new TypeError('the own entry is never removed');
    return self;
  }

  get(node: NodeId): Entry | undefined {
    return this.#entries.get(node);
  }

  entries(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  /** Live ones other than this node. */
  get othersCount(): number {
    return this.live.length - 1;
  }

  observe(observer: MembershipObserver): void {
    this.#observers.push(observer);
  }

  /** Whether there is room for one more. Those that are gone make room: the longest gone first. */
  makeRoom(): boolean {
    if (this.#entries.size < membersMax) return true;
    let oldest: Entry | undefined;
    for (const entry of this.#entries.values()) {
      if (!isLiveState(entry.state) && (oldest === undefined || entry.changedMs < oldest.changedMs)) oldest = entry;
    }
    if (oldest === undefined) return false;
    this.#entries.delete(oldest.nodeId);
    return true;
  }

  /** Takes the claim as the truth. */
  set({ facts, state, by }: Claim): Entry {
    const before = this.#entries.get(facts.nodeId);
    const nowMs = this.#clock.monotonicMs();
    const isSamePeer = before?.peer === facts.peer;
    const entry: Entry = {
      ...facts,
      state,
      by,
      isSelf: facts.nodeId === this.#selfId,
      lastHeardMs: isSamePeer ? before.lastHeardMs : undefined,
      provenMs: isSamePeer ? before.provenMs : undefined,
      rttMs: isSamePeer ? before.rttMs : undefined,
      knownSinceMs: isSamePeer && isLiveState(before.state) ? before.knownSinceMs : nowMs,
      changedMs: before?.state === state ? before.changedMs : nowMs,
    };
    this.#entries.set(facts.nodeId, entry);
    this.#hasChanged = true;
    if (isNews(entry, before)) this.#untold.push({ member: entry, before: before?.state });
    if (!this.#isTogether) this.#settle();
    return entry;
  }

  /** Many changes at once: the lists are made anew, and observers told, at the end. */
  together(change: () => void): void {
    this.#isTogether = true;
    try {
      change();
    } finally {
      this.#isTogether = false;
      this.#settle();
    }
  }

  stop(): void {
    this.#burial?.cancel();
    this.#burial = undefined;
  }

  #refresh(): void {
    this.#hasChanged = false;
    const all = [...this.#entries.values()].sort((one, other) => (one.nodeId < other.nodeId ? -1 : 1));
    const live = all.filter(({ state }) => isLiveState(state));
    this.all = all;
    if (live.length === this.live.length && live.every((member, index) => member === this.live[index])) return;
    this.live = live;
    this.digest = digestOf(live);
    this.version++;
  }

  #settle(): void {
    if (this.#hasChanged) this.#refresh();
    this.#scheduleBurial();
    if (!this.#isTelling) this.#tell();
  }

  #tell(): void {
    this.#isTelling = true;
    try {
      for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift()) {
        for (const observer of this.#observers) observer.memberChanged?.(next.member, next.before);
      }
    } finally {
      this.#isTelling = false;
    }
  }

  #scheduleBurial(): void {
    if (this.#burial !== undefined) return;
    let firstMs = Infinity;
    for (const { state, changedMs } of this.#entries.values()) {
      if (!isLiveState(state)) firstMs = Math.min(firstMs, changedMs + this.#deadKeepMs);
    }
    if (firstMs === Infinity) return;
    // A millisecond more than needed: rounding must not find it too early, again and again.
    this.#burial = this.#clock.after(1 + Math.max(0, firstMs - this.#clock.monotonicMs()), () => this.#bury());
  }

  #bury(): void {
    this.#burial = undefined;
    const untilMs = this.#clock.monotonicMs() - this.#deadKeepMs;
    for (const { nodeId, state, changedMs } of this.#entries.values()) {
      if (!isLiveState(state) && changedMs <= untilMs) this.#entries.delete(nodeId);
    }
    this.#refresh();
    this.#scheduleBurial();
  }
}

function isNews(now: Member, before: Member | undefined): boolean {
  return before?.state !== now.state || before.incarnation !== now.incarnation || before.peer !== now.peer;
}

export function isLiveState(state: MemberState): boolean {
  return state === 'alive' || state === 'suspect';
}

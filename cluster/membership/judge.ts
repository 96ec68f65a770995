import type { Clock } from '../../kit/clock.ts';
import { Hash64 } from '../hash64.ts';
import type { Post } from '../post/contract.ts';
import type { Timing } from '../timing.ts';
import type { PeerId } from '../transport/contract.ts';
import type { Awareness } from './awareness.ts';
import { aheadMaxMs, believedWallMs } from './believed-wall.ts';
import type { Claim } from './claim.ts';
import type { NodeId } from './contract.ts';
import { claimOf, type Herald } from './herald.ts';
import { compareClaims } from './merge.ts';
import { isLiveState, type Entry, type Roster } from './roster.ts';
import type { Suspicions } from './suspicions.ts';

/**
 * Above `directMembersMax` members about so many ask after a suspect at once. Of eight expected, fewer than the two that
 * shorten a suspicion ask in 3 of 1,000; it then takes its longest time.
 */
const suspectProbers = 8;

/** No member can be called so. */
const hostWitness = 'the host';

export interface JudgeOptions {
  readonly clock: Clock;
  readonly timing: Timing;
  readonly post: Post;
  readonly roster: Roster;
  readonly herald: Herald;
  readonly suspicions: Suspicions;
  readonly awareness: Awareness;
  /** Monotonic ms until which this node accuses nobody. */
  readonly graceUntilMs: () => number;
  readonly probe: (node: NodeId) => void;
}

/** Decides what is true of the others: from their own words, from those of third ones, and from failed probes. */
export class Judge {
  /** Suspicions begun here since the start. */
  suspicionsCount = 0;
  /** Claims not believed since the start. */
  refusedCount = 0;
  readonly #options: JudgeOptions;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** Whether its incarnation can be anybody's. The present one always is, also this node's own, whatever its clock says. */
  isCredible({ facts }: Claim, from: NodeId): boolean {
    const { clock, roster } = this.#options;
    const known = roster.get(facts.nodeId)?.incarnation ?? 0;
    const { nodeId: self, incarnation: own } = roster.self;
    const nowMs = believedWallMs(clock.nowMs(), own);
    return facts.incarnation <= Math.max(known, nowMs + aheadMaxMs(facts.nodeId, from, self));
  }

  /** A claim about another. True when it changed anything that others should hear of. */
  consider(claim: Claim, from: NodeId): boolean {
    if (!this.isCredible(claim, from)) return this.#refuse();
    const known = this.#options.roster.get(claim.facts.nodeId);
    if (known === undefined) return this.#meet(claim, from);
    const order = compareClaims(claim, { facts: known, state: known.state });
    if (order < 0) return false;
    if (order > 0) return this.#accept(known, claim, from);
    return claim.state === 'suspect' && this.#isWitness(claim.by) && this.#confirm(known, claim.by);
  }

  /** A member says of itself that it is there. */
  admit(claim: Claim): void {
    this.#apply(claim, claim.facts.nodeId);
  }

  /** This node's own probe of it failed. */
  accuse(node: NodeId): void {
    const { roster, herald } = this.#options;
    const known = roster.get(node);
    if (known === undefined || known.isSelf || !isLiveState(known.state) || !this.#mayAccuse(known)) return;
    const claim: Claim = { facts: known, state: 'suspect', by: roster.self.nodeId };
    if (known.state === 'alive') this.#apply(claim, roster.self.nodeId);
    else if (!this.#confirm(known, roster.self.nodeId)) return;
    herald.announce(claim);
  }

  /** Its host says that nothing listens: a witness of its own beside the members who ask after it. */
  noListener(node: NodeId, peer: PeerId): void {
    const known = this.#options.roster.get(node);
    if (known?.state === 'suspect' && known.peer === peer && this.#mayAccuse(known)) this.#confirm(known, hostWitness);
  }

  /** A suspicion has lasted its time. */
  expire(node: NodeId, startedMs: number): void {
    const { clock, timing, roster, herald, suspicions, awareness } = this.#options;
    const known = roster.get(node);
    if (known?.state !== 'suspect') return;
    const graceMs = this.#options.graceUntilMs() - clock.monotonicMs();
    if (graceMs > 0 || awareness.isDeaf) {
      suspicions.prolong(node, Math.max(graceMs, timing.probePeriodMs));
      return;
    }
    if (Math.max(known.lastHeardMs ?? 0, known.provenMs ?? 0) > startedMs) {
      suspicions.prolong(node, timing.suspicionMinMs * awareness.stretch);
      herald.accuse(known);
      return;
    }
    const claim: Claim = { facts: known, state: 'dead', by: roster.self.nodeId };
    this.#apply(claim, roster.self.nodeId);
    herald.announce(claim);
  }

  /** Heard from directly and lately. */
  isFresh(entry: Entry): boolean {
    const { clock, timing, post } = this.#options;
    if (entry.lastHeardMs === undefined || !post.isReachable(entry.nodeId)) return false;
    return clock.monotonicMs() - entry.lastHeardMs <= timing.probePeriodMs + timing.probeTimeoutMs;
  }

  /** Someone new. The dead whom nobody here knew need no grave. */
  #meet(claim: Claim, from: NodeId): boolean {
    if (!isLiveState(claim.state)) return false;
    if (!this.#options.roster.makeRoom()) return this.#refuse();
    this.#apply(claim, from);
    return true;
  }

  #accept(known: Entry, claim: Claim, from: NodeId): boolean {
    const isOwnWord = from === known.nodeId;
    if (!isOwnWord && this.#isContradicted(known, claim)) {
      this.#options.probe(known.nodeId);
      return this.#softened(known, claim, from);
    }
    // Within one incarnation a member's facts are what was heard first: nobody else can change them.
    const isSame = claim.facts.incarnation === known.incarnation && claim.facts.peer === known.peer;
    this.#apply(isSame ? { ...claim, facts: known } : claim, from);
    return true;
  }

  /** Whether a claim of a third one is against what this node hears itself. */
  #isContradicted(known: Entry, claim: Claim): boolean {
    return this.isFresh(known) && (claim.facts.peer !== known.peer || !isLiveState(claim.state));
  }

  /** Of one whom this node hears, a death or a leaving is at most a suspicion, and another holder is nothing yet. */
  #softened(known: Entry, claim: Claim, from: NodeId): boolean {
    if (claim.facts.peer !== known.peer) return false;
    return this.consider({ ...claim, state: 'suspect', by: claim.by ?? from }, from);
  }

  #apply(claim: Claim, from: NodeId): void {
    const { roster, suspicions } = this.#options;
    const { nodeId } = claim.facts;
    const accused = claim.state === 'suspect' ? { ...claim, by: claim.by ?? from } : claim;
    suspicions.end(nodeId);
    const entry = roster.set(accused);
    if (entry.state === 'suspect') this.#suspect(entry, accused.by ?? from);
  }

  #suspect(entry: Entry, accuser: NodeId): void {
    const { timing, roster, suspicions, awareness } = this.#options;
    this.suspicionsCount++;
    suspicions.begin(entry.nodeId, accuser, {
      minMs: timing.suspicionMinMs * awareness.stretch,
      maxMs: timing.suspicionMaxMs * awareness.stretch,
      wanted: Math.min(timing.confirmationsWanted, roster.live.length - 2),
    });
    // A word of its own, without waiting for its turn in the round: what confirms shortens, what is heard refutes.
    if (this.#asksToo(entry)) this.#options.probe(entry.nodeId);
  }

  /** In a large mesh a few ask, others for each suspect, or every doubt would bring the suspect a probe from everybody. */
  #asksToo({ nodeId, incarnation }: Entry): boolean {
    const { timing, roster } = this.#options;
    const count = roster.live.length;
    if (count <= timing.directMembersMax) return true;
    return new Hash64(4).text(nodeId).number(incarnation).text(roster.self.nodeId).low % count < suspectProbers;
  }

  #confirm(known: Entry, accuser: NodeId): boolean {
    return this.#options.suspicions.confirm(known.nodeId, accuser);
  }

  #isWitness(by: NodeId | undefined): by is NodeId {
    const witness = by === undefined ? undefined : this.#options.roster.get(by);
    return witness !== undefined && isLiveState(witness.state);
  }

  /** Not while this node cannot trust itself, and not one that has only just been heard of and may be on its way. */
  #mayAccuse(known: Entry): boolean {
    const { clock, timing, awareness } = this.#options;
    const nowMs = clock.monotonicMs();
    if (awareness.isDeaf || nowMs < this.#options.graceUntilMs()) return false;
    return known.lastHeardMs !== undefined || nowMs - known.knownSinceMs >= 2 * timing.redialPatienceMs;
  }

  #refuse(): false {
    this.refusedCount++;
    return false;
  }
}

/** Claims of everyone in a table. */
export function claimsOf(roster: Roster): Claim[] {
  return [...roster.entries()].map(claimOf);
}

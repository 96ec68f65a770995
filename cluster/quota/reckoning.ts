import type { Clock } from '../../kit/clock.ts';
import type { SharedState } from '../gossip/contract.ts';
import type { Leadership, VoterConfig } from '../leader/contract.ts';
import { isStatic } from '../leader/voter-config.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Timing } from '../timing.ts';
import type { KeptQuotas, QuotaRule } from './contract.ts';
import { Past } from './past.ts';
import { encodeStatement, readStatement, type Statement } from './quota-messages.ts';
import { Standing } from './standing.ts';
import { Tenure } from './tenure.ts';

/** Key of a node's own state under which it says by which voters it counts. */
const statementKey = 'quotas';

export interface ReckoningOptions {
  readonly clock: Clock;
  readonly timing: Timing;
  readonly self: NodeId;
  /** Names this process. */
  readonly epoch: number;
  readonly isAlone: boolean;
  readonly state: SharedState;
  readonly leadership: Leadership;
  readonly kept: KeptQuotas | undefined;
  /** Whether every bucket here fits its share among these voters. */
  readonly fits: (voters: readonly NodeId[]) => boolean;
  /** The longest window of any rule. */
  readonly windowMaxMs: () => number;
  /** It became certain that no earlier process took anything. */
  readonly isFirst: () => void;
}

/** Voters whose processes are remembered: more than there are at a time. */
const knownMax = 64;

/** What this node may count as its own: its share among the voters, and what it did before it started. */
export class Reckoning {
  readonly past: Past;
  readonly standing: Standing;
  readonly #options: ReckoningOptions;
  readonly #tenure: Tenure;
  #config: VoterConfig | undefined;
  readonly #known = new Map<NodeId, number>();
  #isFounder = false;
  /** The first voters of which this process heard. */
  #firstVoters: readonly NodeId[] | undefined;

  constructor(options: ReckoningOptions) {
    const { clock, timing, self, isAlone, kept, leadership } = options;
    const nowMs = clock.monotonicMs();
    this.#options = options;
    this.past = new Past({ self, kept, isAlone, nowMs });
    this.standing = new Standing(self, kept?.standing, nowMs);
    this.#tenure = new Tenure({ timing, isSure: cannotHaveLost(kept), nowMs });
    leadership.observe({ clusterTaken: (isFounder) => (this.#isFounder = isFounder) });
  }

  get voters(): readonly NodeId[] {
    return this.standing.present?.voters ?? [];
  }

  /** Until when shares stand if nothing is heard. */
  get sharesEndMs(): number {
    return this.#isForGood ? Number.POSITIVE_INFINITY : this.#tenure.endMs(this.voters.length);
  }

  share(bucket: string, { limit, windowMs }: QuotaRule): number {
    const nowMs = this.#options.clock.monotonicMs();
    if (!this.#isForGood && !this.#tenure.holds(this.voters.length, nowMs)) return 0;
    return this.standing.share(bucket, limit, windowMs, nowMs);
  }

  /** Looks what changed, and tells the others what they wait for. */
  look(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const { leadership, windowMaxMs, isAlone, state } = this.#options;
    this.#adopt(nowMs);
    this.#meet();
    if (!this.#isForGood) this.#tenure.look(leadership.leader !== undefined, nowMs);
    this.standing.forget(nowMs, windowMaxMs());
    if (this.past.isUnknown && this.voters.length > 0 && this.#wasNothingBefore()) {
      this.past.isFirst();
      this.#options.isFirst();
    }
    if (this.#isSettled(nowMs) && this.standing.said === undefined && this.#options.fits(this.voters)) {
      this.standing.fits();
    }
    if (!this.standing.isAgreed && this.#isAgreed()) {
      this.standing.agree();
      this.#tenure.agreed(nowMs);
    }
    if (!isAlone) state.set(statementKey, encodeStatement(this.#statement(nowMs)));
  }

  /** Voters that nobody takes out: named by a person, or this node alone. */
  get #isForGood(): boolean {
    return this.#options.isAlone || (this.#config !== undefined && isStatic(this.#config));
  }

  #adopt(nowMs: number): void {
    const { self, isAlone, leadership } = this.#options;
    this.#config = isAlone ? { clusterId: 'alone', term: 0, version: 1, voters: [self] } : leadership.config;
    if (this.#config === undefined) return;
    this.#firstVoters ??= this.#config.voters;
    this.standing.adopt(this.#config, nowMs);
  }

  /** Whatever earlier processes took is known, or counts no longer. */
  #isSettled(nowMs: number): boolean {
    return this.voters.length > 0 && (this.past.isNothing || this.past.isOver(nowMs, this.#options.windowMaxMs()));
  }

  #isAgreed(): boolean {
    const { present } = this.standing;
    if (present === undefined) return false;
    if (this.#isForGood && this.standing.isFirstEra) return true;
    if (this.standing.said === undefined) return false;
    return this.#others().every((node) => this.#statementOf(node)?.said === present.stamp);
  }

  /**
   * Nothing was written down, which a lost disk would explain as well. But there can have been no earlier process with a
   * share where the cluster is younger than this one; where this node was no voter when this process began, nor had been
   * a short while before; and where nobody else remembers anything either.
   */
  #wasNothingBefore(): boolean {
    const { self } = this.#options;
    const statements = this.#others().map((node) => this.#statementOf(node));
    if (!this.past.isBlank) return false;
    if (statements.some((each) => each !== undefined && this.#knowsEarlier(each))) return false;
    if (this.#isFounder || statements.every((each) => each?.isBlank === true && each.known.has(self))) return true;
    if (this.#firstVoters?.includes(self) !== false) return false;
    const { stamp } = this.standing.present ?? {};
    return statements.every((each) => each?.said !== undefined && each.said === stamp && !each.takenOut.includes(self));
  }

  /** It has heard of an earlier process of this node. */
  #knowsEarlier({ known }: Statement): boolean {
    const { self, epoch } = this.#options;
    return (known.get(self) ?? epoch) !== epoch;
  }

  /** Voters that were heard of stay as they were first. */
  #meet(): void {
    for (const node of this.#others()) {
      const epoch = this.#known.has(node) ? undefined : this.#statementOf(node)?.epoch;
      if (epoch === undefined) continue;
      if (this.#known.size >= knownMax) this.#known.clear();
      this.#known.set(node, epoch);
    }
  }

  #statement(nowMs: number): Statement {
    const { past, standing } = this;
    const isBlank = past.isBlank && !past.isOver(nowMs, this.#options.windowMaxMs());
    return {
      said: standing.said,
      takenOut: standing.takenOut,
      isBlank,
      epoch: this.#options.epoch,
      known: this.#known,
    };
  }

  #others(): readonly NodeId[] {
    return this.voters.filter((node) => node !== this.#options.self);
  }

  #statementOf(node: NodeId): Statement | undefined {
    return readStatement(this.#options.state.get(node, statementKey));
  }
}

/** Nobody can have taken this node's vote out while it was away: of two the other could not decide it alone. */
function cannotHaveLost(kept: KeptQuotas | undefined): boolean {
  const voters = kept?.standing.eras.at(-1)?.length ?? 0;
  return kept !== undefined && voters < 3 && !kept.mayBeTakenOut;
}

import type { Timer } from '../../kit/clock.ts';
import type { Environment } from '../environment.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import { randomMembers } from '../random-members.ts';
import { Comparison, type ComparisonOptions } from './comparison.ts';
import type { Currency } from './currency.ts';

/** How often the clock is looked at while all is well: a standstill of a second must not go unnoticed. */
const beatMs = 500;
/** How often a node that is not current tries to become it: its clients wait. */
const urgentBeatMs = 100;
/** With so many members at once: few, since they mostly tell the same, but more than may well be frozen. */
const concurrentMax = 4;
/** A member whose records were refused for its clock is asked again after so long: time alone helps. */
const refusedPauseMs = 1000;

export interface ComparisonsParts extends ComparisonOptions {
  readonly membership: Membership;
  readonly currency: Currency;
  /** Something is done now and then anyway. */
  readonly idle: () => void;
}

/** When to compare with whom: now and then with anybody, at once with those who come, and while this node is not current. */
export class Comparisons {
  readonly #environment: Environment;
  readonly #parts: ComparisonsParts;
  readonly #underWay = new Map<NodeId, Comparison>();
  /** Monotonic ms until which a member is not compared with. Reachable members only. */
  readonly #pausedUntilMs = new Map<NodeId, number>();
  #comparedMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #isRunning = false;

  constructor(environment: Environment, parts: ComparisonsParts) {
    this.#environment = environment;
    this.#parts = parts;
  }

  start(): void {
    this.#isRunning = true;
    this.#beat();
  }

  stop(): void {
    this.#isRunning = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#parts.currency.rest();
  }

  lost(node: NodeId): void {
    this.#underWay.delete(node);
    this.#pausedUntilMs.delete(node);
  }

  /** Something changed: looks at once whether there is somebody to compare with. */
  wake(): void {
    if (!this.#isRunning) return;
    this.#timer?.cancel();
    this.#beat();
  }

  #beat(): void {
    this.#timer = undefined;
    const { currency, idle } = this.#parts;
    currency.beat();
    this.#compareWhereNeeded();
    this.#compareByTheClock();
    idle();
    const isCurrent = currency.isCurrent();
    if (isCurrent && this.#isDeserted) return currency.rest();
    this.#timer = this.#environment.clock.after(isCurrent ? beatMs : urgentBeatMs, () => this.#beat());
  }

  get #isDeserted(): boolean {
    return this.#parts.membership.live.length <= 1 && this.#parts.post.reachable().length === 0;
  }

  #compareWhereNeeded(): void {
    for (const member of this.#parts.currency.wanted()) {
      if (this.#underWay.size >= concurrentMax) return;
      this.#compareWith(member);
    }
  }

  /** With anybody, now and then; at every beat while not current: somebody may have become it meanwhile. */
  #compareByTheClock(): void {
    const { clock, timing, random } = this.#environment;
    // Half a beat early rather than late.
    const isDue = clock.monotonicMs() - this.#comparedMs >= timing.antiEntropyMs - beatMs / 2;
    if (!isDue && (this.#underWay.size > 0 || this.#parts.currency.isCurrent())) return;
    const [member] = randomMembers(this.#parts.post.reachable(), 1, random);
    if (member !== undefined) this.#compareWith(member);
  }

  #compareWith(member: NodeId): void {
    if (this.#underWay.has(member) || this.#underWay.size >= concurrentMax || this.#isPaused(member)) return;
    const { currency } = this.#parts;
    const { epoch } = currency;
    this.#comparedMs = this.#environment.clock.monotonicMs();
    const comparison = new Comparison(this.#parts, member, (outcome) => {
      // One from before the member was lost does not end the present one.
      if (this.#underWay.get(member) === comparison) this.#underWay.delete(member);
      if (!this.#isRunning) return;
      // Who did not answer is asked again at the next beat.
      if (outcome === undefined) return;
      if (outcome.isComplete) currency.compared(member, outcome.isCurrent, epoch);
      else this.#lacks(member);
      this.#compareWhereNeeded();
    });
    this.#underWay.set(member, comparison);
    comparison.begin();
  }

  #lacks(member: NodeId): void {
    this.#parts.currency.lacks(member);
    if (!this.#parts.post.isReachable(member)) return;
    this.#pausedUntilMs.set(member, this.#environment.clock.monotonicMs() + refusedPauseMs);
  }

  #isPaused(member: NodeId): boolean {
    const untilMs = this.#pausedUntilMs.get(member);
    if (untilMs === undefined) return false;
    if (this.#environment.clock.monotonicMs() < untilMs) return true;
    this.#pausedUntilMs.delete(member);
    return false;
  }
}

import type { DenseMember } from '../../kit/dense-set.ts';
import { Ewma } from '../../kit/ewma.ts';
import { type BudgetIndex, budgetIndices, isDaily, isOfTokens, type PerBudget } from './budget-kinds.ts';
import type { SpentAtNode } from './budget-record.ts';
import type { Calendar } from './calendar.ts';
import { sideAllowance } from './side-allowance.ts';
import type { VoterReach } from './voter-reach.ts';

/** The mean cost of a request forgets half of the past in about seven requests. */
const costShare = 0.1;

/**
 * What one key spent in this day and month: here (what the record said at the start, and since), at each other node, and
 * by estimate what is under way here. A day begins with the first node whose clock says so, as the records tell, and
 * never twice.
 */
export class KeyBudget implements DenseMember {
  denseIndex = -1;
  /** Monotonic ms since when something is not written. */
  unwrittenSinceMs = 0;
  readonly key: string;
  readonly #calendar: Calendar;
  readonly #reach: VoterReach;
  #day: number;
  #month: number;
  #limits: Readonly<PerBudget> = [Infinity, Infinity, Infinity, Infinity];
  /** From before this process. */
  readonly #before: PerBudget = [0, 0, 0, 0];
  readonly #since: PerBudget = [0, 0, 0, 0];
  readonly #written: PerBudget = [0, 0, 0, 0];
  readonly #others: PerBudget = [0, 0, 0, 0];
  /** Spent here in the day and month before, should the clock have been wrong about their end. */
  readonly #formerOwn: PerBudget = [0, 0, 0, 0];
  readonly #formerPeriod: PerBudget = [0, 0, 0, 0];
  /** Spent when all voters were last in reach. */
  readonly #spentThen: PerBudget = [0, 0, 0, 0];
  readonly #nodes = new Map<string, SpentAtNode>();
  readonly #meanCost = new Ewma(costShare);
  #hasWritten = false;
  #tokensUnderWay = 0;
  #costUnderWay = 0;

  constructor(key: string, calendar: Calendar, reach: VoterReach) {
    this.key = key;
    this.#calendar = calendar;
    this.#reach = reach;
    this.#day = calendar.day;
    this.#month = calendar.month;
  }

  set limits(limits: Readonly<PerBudget>) {
    this.#limits = limits;
  }

  /** No other node has a record of it, and nothing is under way here. */
  get isIdle(): boolean {
    return this.#nodes.size === 0 && this.#tokensUnderWay === 0 && this.#costUnderWay === 0;
  }

  /** What a request of this key is expected to cost. */
  get meanCost(): number {
    return this.#meanCost.value;
  }

  limit(index: BudgetIndex): number {
    return this.#limits[index];
  }

  /** By all nodes, without what is under way. */
  spent(index: BudgetIndex): number {
    return this.#own(index) + this.#others[index];
  }

  /** What may be spent in all as far as this side of the cluster is concerned. */
  allowed(index: BudgetIndex): number {
    const limit = this.#limits[index];
    if (limit === Infinity || this.#reach.isWhole) return limit;
    return sideAllowance(limit, this.#spentThen[index], this.#reach.reachable, this.#reach.voters);
  }

  /** The first budget that has nothing left; undefined where all have. */
  exhausted(): BudgetIndex | undefined {
    this.#look();
    for (const index of budgetIndices) {
      const underWay = isOfTokens(index) ? this.#tokensUnderWay : this.#costUnderWay;
      if (this.spent(index) + underWay >= this.allowed(index)) return index;
    }
    return undefined;
  }

  /** Day or month of a budget, for when it ends. */
  period(index: BudgetIndex): number {
    return isDaily(index) ? this.#day : this.#month;
  }

  begin(tokens: number, cost: number): void {
    this.#tokensUnderWay += tokens;
    this.#costUnderWay += cost;
  }

  /** The same numbers as at its beginning, and what it came to. It counts in the period in which it ends. */
  end(tokens: number, cost: number, tokensUsed: number, costUsed: number): void {
    this.#tokensUnderWay = Math.max(0, this.#tokensUnderWay - tokens);
    this.#costUnderWay = Math.max(0, this.#costUnderWay - cost);
    this.#meanCost.add(costUsed);
    this.#look();
    for (const index of budgetIndices) this.#since[index] += isOfTokens(index) ? tokensUsed : costUsed;
  }

  /** Another node's record; undefined when it is gone. */
  take(node: string, spent: SpentAtNode | undefined): void {
    if (spent === undefined) this.#nodes.delete(node);
    else this.#nodes.set(node, spent);
    if (spent !== undefined) this.#turnWith(spent);
    this.#addUp();
  }

  /**
   * This node's own record, from its disk or from a member that kept it: from before this process as long as none was
   * written, and else including what was spent since.
   */
  takeOwn(spent: SpentAtNode): void {
    this.#turnWith(spent);
    for (const index of budgetIndices) {
      const sum = this.#isPresent(spent, index) ? spent.sums[index] : 0;
      const before = this.#hasWritten ? sum - this.#since[index] : sum;
      this.#before[index] = Math.max(this.#before[index], before);
      if (!this.#hasWritten) this.#written[index] = sum;
    }
  }

  /** This node spent at least so much, by another account of it. */
  raise(index: BudgetIndex, period: number, sum: number): void {
    if (this.period(index) !== period) return;
    this.#before[index] = Math.max(this.#before[index], sum - this.#since[index]);
  }

  /** Remembers what is spent now: a voter has gone out of reach. */
  markSplit(): void {
    for (const index of budgetIndices) this.#spentThen[index] = this.spent(index);
  }

  get isUnwritten(): boolean {
    return budgetIndices.some((index) => this.#own(index) !== this.#written[index]);
  }

  /** What is not written, as a part of what is left; the greatest of its budgets. */
  get urgency(): number {
    let urgency = 0;
    for (const index of budgetIndices) {
      const limit = this.#limits[index];
      if (limit === Infinity) continue;
      const left = Math.max(1, limit - this.spent(index));
      urgency = Math.max(urgency, (this.#own(index) - this.#written[index]) / left);
    }
    return urgency;
  }

  /** What to write; counts as written from now on. */
  write(): SpentAtNode {
    this.#hasWritten = true;
    for (const index of budgetIndices) this.#written[index] = this.#own(index);
    return { day: this.#day, month: this.#month, sums: [...this.#written] };
  }

  /** What was written is gone, or was never taken. */
  forgetWritten(): void {
    this.#written.fill(0);
  }

  #own(index: BudgetIndex): number {
    return this.#before[index] + this.#since[index];
  }

  #isPresent(spent: SpentAtNode, index: BudgetIndex): boolean {
    return isDaily(index) ? spent.day === this.#day : spent.month === this.#month;
  }

  #look(): void {
    const calendar = this.#calendar;
    calendar.look();
    if (calendar.day !== this.#day) this.#follow();
  }

  #follow(): void {
    const { day, month, latestDay, latestMonth } = this.#calendar;
    this.#turn(day, month);
    if (this.#day > latestDay || this.#month > latestMonth) this.#turnBack(latestDay, latestMonth);
  }

  /** The wall clock was set back by more than clocks differ: what was counted as of later is of now, beside what was. */
  #turnBack(day: number, month: number): void {
    this.#day = Math.min(this.#day, day);
    this.#month = Math.min(this.#month, month);
    for (const index of budgetIndices) {
      if (this.#formerPeriod[index] !== this.period(index)) continue;
      this.#before[index] += this.#formerOwn[index];
      this.#formerOwn[index] = 0;
    }
    this.#addUp();
  }

  /** A period that is about to begin here begins with the first record of it; records from further ahead are not believed. */
  #turnWith({ day, month }: SpentAtNode): void {
    const { latestDay, latestMonth } = this.#calendar;
    this.#turn(day <= latestDay ? day : 0, month <= latestMonth ? month : 0);
  }

  #turn(day: number, month: number): void {
    if (day > this.#day) this.#clear(0, 2);
    if (month > this.#month) this.#clear(1, 3);
    const hasTurned = day > this.#day || month > this.#month;
    this.#day = Math.max(this.#day, day);
    this.#month = Math.max(this.#month, month);
    if (hasTurned) this.#addUp();
  }

  #clear(...indices: readonly BudgetIndex[]): void {
    for (const index of indices) {
      this.#formerPeriod[index] = this.period(index);
      this.#formerOwn[index] = this.#own(index);
      this.#before[index] = 0;
      this.#since[index] = 0;
      this.#written[index] = 0;
      this.#spentThen[index] = 0;
    }
  }

  #addUp(): void {
    this.#others.fill(0);
    for (const spent of this.#nodes.values()) {
      for (const index of budgetIndices) if (this.#isPresent(spent, index)) this.#others[index] += spent.sums[index];
    }
  }
}

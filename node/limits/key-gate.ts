import type { Quota, Quotas } from '../../cluster/quota/contract.ts';
import type { KeyLimits } from '../auth/contract.ts';
import { type BucketKind, bucketKinds, bucketName, limitOf } from './buckets.ts';
import { budgetsOf } from './budget-kinds.ts';
import type { BudgetBook } from './budget-book.ts';
import type { LimitReadings } from './contract.ts';
import type { KeyBudget } from './key-budget.ts';
import type { VoterReach } from './voter-reach.ts';

/** What one revision of a key's limits needs to let requests in, found once for all of them. */
export class KeyGate {
  readonly limits: KeyLimits;
  readonly concurrent: Quota | undefined;
  readonly requests: Quota | undefined;
  readonly tokens: Quota | undefined;
  readonly budget: KeyBudget | undefined;
  /** Requests let in, or waiting, that have not ended. */
  underWay = 0;
  /** Number of the look for idle ones at which it was used last. */
  usedAt = 0;
  readonly #reach: VoterReach;

  constructor(limits: KeyLimits, quotas: Quotas, book: BudgetBook, reach: VoterReach) {
    const quota = (kind: BucketKind) =>
      limitOf(limits, kind) === undefined ? undefined : quotas.at(bucketName(limits.id, kind));
    const budgets = budgetsOf(limits);
    this.limits = limits;
    this.concurrent = quota('concurrent');
    this.requests = quota('requests');
    this.tokens = quota('tokens');
    this.budget = budgets === undefined ? undefined : book.at(limits.id);
    if (this.budget !== undefined && budgets !== undefined) this.budget.limits = budgets;
    this.#reach = reach;
  }

  readings(): LimitReadings {
    return { requests: this.requests?.reading(), tokens: this.tokens?.reading() };
  }

  /** By its place in `bucketKinds`; undefined for one without a limit, and past the last. */
  quota(step: number): Quota | undefined {
    if (step === 0) return this.concurrent;
    if (step === 1) return this.requests;
    return step === 2 ? this.tokens : undefined;
  }

  /**
   * Tokens to be taken before a request whose tokens are estimated so. Never more than the voters in reach have
   * together, or a long one could not be let in for as long as one of them is away.
   */
  tokensTaken(estimated: number): number {
    const limit = this.limits.tokensPerMinute;
    if (limit === undefined) return 0;
    const { isWhole, reachable, voters } = this.#reach;
    const most = isWhole ? limit : Math.floor((limit * reachable) / voters);
    return Math.max(0, Math.min(Math.ceil(estimated), Math.max(1, most)));
  }

  /** Takes what can be taken at once, in order. Answers the step at which there was not enough; `stepCount` for none. */
  take(tokens: number): number {
    if (this.concurrent?.take(1) === false) return 0;
    if (this.requests?.take(1) === false) return 1;
    if (this.tokens?.take(tokens) === false) return 2;
    return stepCount;
  }

  /** Of the steps below `end`, taken within the last `agoMs`: nothing came of the request. */
  giveBack(end: number, tokens: number, agoMs: number): void {
    for (let step = 0; step < end; step++) this.giveBackOne(step, tokens, agoMs);
  }

  giveBackOne(step: number, tokens: number, agoMs: number): void {
    if (step === 0) this.concurrent?.release(1);
    else if (step === 1) this.requests?.correct(-1, agoMs);
    else if (tokens > 0) this.tokens?.correct(-tokens, agoMs);
  }
}

export const stepCount = bucketKinds.length;

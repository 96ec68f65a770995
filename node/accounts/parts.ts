/** How the parts of an account see each other: the account, its attempts, its verdict and the directory above it. */
import type { Clock } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import type { Account } from './contract.ts';
import type { Health } from './health.ts';
import type { AccountObserver } from './observer.ts';
import type { BreakerOptions, RestOptions } from './options.ts';
import type { Standing, Trials } from './standing.ts';
import type { Standings } from './standings.ts';

/** What an account knows of the directory that holds it. */
export interface AccountHost {
  readonly clock: Clock;
  readonly breaker: BreakerOptions;
  readonly rest: RestOptions;
  readonly observers: readonly AccountObserver[];
  /** A place of it was taken. */
  began(account: Account): void;
  /** Its load fell, or it may serve again. */
  freed(account: Account): void;
  /** Its numbers changed, and no place came free. */
  touched(account: Account): void;
  /** Enablement, weight, group, models or upstream changed. */
  revised(account: Account): void;
  /** Whether this node is the one to make the trial of a breaker that is half-open since Unix ms `sinceMs`. */
  mayTry(accountId: string, sinceMs: number): boolean;
}

/** An account as its attempts and its verdict see it: its counts may be written. */
export interface CountedAccount extends Account {
  readonly standings: Standings;
  readonly health: Health;
  readonly verdict: AttemptEndings;
  successCount: number;
  errorCount: number;
  lastSuccessAtMs: number | undefined;
  /** See `PooledAccount`. */
  disableFor(fault: Fault, beganAtMs: number): boolean;
  /** The place of an attempt is free, and what its ending means has been noted. */
  giveBack(): void;
}

/** Facts of an attempt that its ending needs. */
export interface AttemptFacts {
  readonly model: string;
  readonly beganAtMs: number;
  readonly wholeTrials: Trials | undefined;
  /** The model's own standing when it had one at the beginning: trials are given back to where they were taken. */
  readonly modelStanding: Standing | undefined;
  readonly modelTrials: Trials | undefined;
}

/** What an attempt may come to. */
export interface AttemptEndings {
  /** Nobody's failure: trials go back without a verdict. */
  none(facts: AttemptFacts): void;
  success(facts: AttemptFacts, nowMs: number, firstByteMs: number): void;
  failure(facts: AttemptFacts, nowMs: number, fault: Fault): void;
}

import type { Clock } from '../../kit/clock.ts';
import type { PooledAccount } from './account.ts';
import type { AccountObserver } from './observer.ts';
import type { BreakerOptions, RestOptions } from './options.ts';

/** What an account knows of the directory that holds it. */
export interface AccountHost {
  readonly clock: Clock;
  readonly breaker: BreakerOptions;
  readonly rest: RestOptions;
  readonly observers: readonly AccountObserver[];
  /** Its load fell, or it may serve again. */
  freed(account: PooledAccount): void;
  /** Its numbers changed, and no place came free. */
  touched(account: PooledAccount): void;
  /** Enablement, weight, group, models or upstream changed. */
  revised(account: PooledAccount): void;
  /** Whether this node is the one to make the trial of a half-open breaker. */
  mayTry(accountId: string): boolean;
}

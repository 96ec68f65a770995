import type { Fault } from '../../kit/fault.ts';
import type { Account } from './contract.ts';

/** Own: learned here, others must be told. Remote: told by the mesh, and not to be told again. */
export type Origin = 'own' | 'remote';

/** A breaker or rest of an account; `model` is undefined when the whole account is meant. */
export interface StandingNotice {
  readonly account: Account;
  readonly model: string | undefined;
  readonly nowMs: number;
  readonly origin: Origin;
}

export interface OpeningNotice extends StandingNotice {
  readonly untilMs: number;
  /** The last of the failures behind it; undefined when the mesh told of it. */
  readonly fault?: Fault | undefined;
}

/** What a person or a record changed. */
export type AccountChange = 'added' | 'updated' | 'enabled' | 'disabled' | 'removed' | 'reset';

/**
 * Hears what happens to accounts: the mesh publishes it, metrics count it, failover acts on it. Called after the change
 * took effect, inside the request that caused it: be quick and do not throw.
 */
export interface AccountObserver {
  breakerOpened?(notice: OpeningNotice): void;
  breakerClosed?(notice: StandingNotice): void;
  restStarted?(notice: StandingNotice & { readonly untilMs: number }): void;
  restEnded?(notice: StandingNotice): void;
  /** The upstream said that the account is of no use until a person has looked at it. Told where it was said alone. */
  accountDisabled?(account: Account, fault: Fault): void;
  accountChanged?(account: Account, change: AccountChange, origin: Origin): void;
}

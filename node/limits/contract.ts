/** Rates, concurrency and budgets of keys over the whole cluster, as `forward` sees them. */
import type { Fault } from '../../kit/fault.ts';
import type { KeyLimits } from '../auth/contract.ts';

/** How much of a limit is left, for the headers of an answer. */
export interface LimitReading {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until all of it is there again. */
  readonly resetMs: number;
}

/** What an answer may tell its client; each undefined where the key has no such limit. */
export interface LimitReadings {
  readonly requests: LimitReading | undefined;
  readonly tokens: LimitReading | undefined;
}

/** A request that was let in. */
export interface Permit {
  /** As it stands now. */
  readings(): LimitReadings;
  /**
   * The request has ended: what it used of tokens (all kinds) and cost (nano-units), undefined where nothing is known
   * and the estimate stands. Gives back its place among the concurrent ones. Further calls do nothing.
   */
  settle(tokens: number | undefined, costNano: number | undefined): void;
}

export interface LimitGate {
  /**
   * Lets a request of this key in, or says why not: `rate_limited` (429, retryAfterMs until there is room), `budget_spent`
   * (429, retryAfterMs until the day or month ends), `too_many_concurrent` (429). `tokensEstimated` is taken from the
   * rate of tokens until `settle` says better. `decided` is called exactly once: at once, or within `waitMsMax` when
   * other members have to be asked. The result takes the request back (its client left): `decided` is then not called.
   */
  enter(
    limits: KeyLimits,
    tokensEstimated: number,
    decided: (outcome: Permit | Fault) => void,
  ): (() => void) | undefined;
  /** As they stand now, for the answer to a request of this key that was not let in. */
  readings(limits: KeyLimits): LimitReadings;
}

/** What other rooms may know of accounts. Implemented in this room, read by routing, forward, http and metrics. */
import type { Fault } from '../../kit/fault.ts';
import type { Slot } from '../../kit/slot.ts';
import type { ProviderId, Upstream } from '../providers/contract.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** Numbers of other nodes, fed by the mesh; all zero on a node alone. */
export interface RemoteLoad {
  inFlight: number;
  served: number;
}

/** One credential at one provider, with its counters and its state. Fields are plain numbers: read them at any rate. */
export interface Account {
  readonly id: string;
  readonly provider: ProviderId;
  readonly group: string;
  weight: number;
  maxConcurrency: number;
  enabled: boolean;
  /** Names listed by the account itself; undefined when its list is not known (then it takes any name). */
  readonly models: ReadonlySet<string> | undefined;
  readonly acceptsUnknownModels: boolean;
  /** Undefined while its provider cannot serve; `unavailableReason` says why. */
  readonly upstream: Upstream | undefined;
  readonly unavailableReason: string | undefined;
  /** Why an account that is not enabled was taken out by what its upstream said; `unavailableReason` says it too. */
  readonly disabledReason?: string | undefined;

  readonly inFlight: number;
  readonly requestCount: number;
  readonly successCount: number;
  /** Failures so far (for statistics); the breaker's own count falls with successes. */
  readonly errorCount: number;
  readonly lastUsedAtMs: number | undefined;
  /** Moving average of time to first byte, milliseconds; 0 before the first answer. */
  readonly latencyEwmaMs: number;
  /** 0 to 100. */
  readonly healthScore: number;
  readonly remote: RemoteLoad;

  breakerState(nowMs: number, model?: string): BreakerState;
  /** When a 429's rest ends, Unix ms; undefined when it does not rest (for this model). */
  restsUntilMs(nowMs: number, model?: string): number | undefined;
  /** Enabled, breaker not open, not resting, below max_concurrency: may be chosen now. Allocates nothing. */
  canServe(nowMs: number, model: string): boolean;
  /** As canServe, but full accounts count: the request may wait for one. */
  couldServe(nowMs: number, model: string): boolean;
  /** True while the upstream's word that it does not have this model is fresh; then couldServe is false as well. */
  lacks?(nowMs: number, model: string): boolean;
  /** Takes one place (and the half-open trial where one is due). Undefined when it cannot serve after all. */
  begin(nowMs: number, model: string): Attempt | undefined;
}

/** One request at one account. Exactly one of the endings is called; further ones do nothing. Frees the place. */
export interface Attempt extends Slot {
  /** The upstream answered; `firstByteMs` after sending. */
  succeed(nowMs: number, firstByteMs: number): void;
  /** The upstream failed: the Fault's penalty, scope and retryAfterMs decide what it means. */
  fail(nowMs: number, fault: Fault): void;
  /** Nobody's failure (the client left, the client's own 4xx). Same as `release`. */
  abandon(): void;
}

/** All accounts of the node. */
export interface AccountDirectory {
  readonly all: readonly Account[];
  get(id: string): Account | undefined;
  /** Rises with every change of membership, enablement, weight, group or models; prepared arrays are rebuilt then. */
  readonly version: number;
  /** Called after an account became available or freed a place; the waiting queue listens. */
  onCapacity(listener: () => void): void;
  /**
   * Called with an account whose load fell or that may serve again, before `onCapacity`: strategies that keep an order
   * put it where it belongs. A directory without it is only slower to notice.
   */
  onTouch?(listener: (account: Account) => void): void;
}

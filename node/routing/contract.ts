import type { Fault } from '../../kit/fault.ts';
import type { Account } from '../accounts/contract.ts';
import type { ProviderId } from '../providers/contract.ts';

/** Facts of a request that a strategy may use. */
export interface PickContext {
  nowMs: number;
  /** Upstream model name. */
  model: string;
  /** The client's address (through trusted proxies only). */
  clientAddress: string;
  /** Hash of the conversation's prefix or session, 32 bits; 0 when there is none. */
  affinity: number;
  /** Accounts already tried for this request. */
  tried: readonly Account[];
}

/** Chooses inside one prepared set of candidates. One instance per candidate set; cheap to construct. */
export interface Strategy {
  /** An account for which `canServe` holds and that was not tried; undefined when there is none. O(1) or O(log n). */
  pick(context: PickContext): Account | undefined;
  /** Tells strategies that keep an order (least requests) that an account's numbers changed. */
  touch?(account: Account): void;
}

export interface StrategyFactory {
  readonly name: string;
  readonly aliases?: readonly string[];
  create(candidates: readonly Account[]): Strategy;
}

/** The result of resolving a requested model name. */
export interface ResolvedModel {
  /** Name to send upstream. */
  model: string;
  /** Set by an explicit `provider/model`. */
  provider: ProviderId | undefined;
}

export interface Route {
  /** Groups in priority order, each with its candidates for this model and its strategy; empty groups left out. */
  readonly groups: readonly {
    readonly name: string;
    readonly strategy: Strategy;
    readonly accounts: readonly Account[];
  }[];
  readonly accounts: readonly Account[];
  readonly resolved: ResolvedModel;
}

/** What a key is limited to (S3's account pool of a key). */
export interface RouteScope {
  /** Names the scope: the same key always stands for the same members, e.g. a hash of them; without spaces. */
  readonly key: string;
  /** Account ids; undefined for all. */
  readonly accounts?: ReadonlySet<string> | undefined;
  readonly providers?: ReadonlySet<string> | undefined;
  /** Strategy in place of the groups' own. */
  readonly strategy?: string | undefined;
}

/** What forward asks of routing. */
export interface Router {
  /**
   * Resolves a model name to its candidates. Prepared and kept until accounts change; costs one Map lookup after that.
   * Throws the `unknown_model` Fault (404, nearest names), `out_of_scope` (403, served by accounts outside the scope
   * alone) or `no_available_accounts` (503, no account at all).
   */
  route(requestedModel: string, scope?: RouteScope): Route;
  /** Candidates of one provider, for the transparent route. Throws `out_of_scope` (403) or `no_available_accounts`. */
  routeProvider(provider: ProviderId, scope?: RouteScope): Route;
  /**
   * Picks one account that can serve now; undefined when there is none. The caller takes the place with
   * `account.begin` in the same turn, before anyone else can. Prompt affinity is applied here when `context.affinity`
   * is set, whatever the strategy.
   */
  pick(route: Route, context: PickContext): Account | undefined;
  /** Remembers which account is warm for a prefix, after a success. */
  remember(affinity: number, account: Account): void;
  /** Why no account of this route can serve now: 503, or 429 with the soonest Retry-After when all of them rest. */
  explainUnavailable(route: Route, nowMs: number): Fault;
  /** Name of the strategy in use for groups that name none. */
  algorithm: string;
}

/** A request without a place. */
export interface Waiter {
  /**
   * It may be its turn: take a place and answer true, or answer false and keep waiting (in the same position). May
   * also answer true after having ended with an error: it no longer waits either way.
   */
  tryEnter(): boolean;
  /** Deadline passed or the queue is full: ends the wait. */
  refuse(fault: Fault): void;
}

/** The waiting room for requests that find no place (`wait-queue.ts` implements it). */
export interface WaitingRoom {
  /** Joins at the end; `refuse` is called at once (synchronously) when the room is full. The result leaves it, O(1), idempotent. */
  join(waiter: Waiter): () => void;
  /**
   * A place became free (of the node or of an account): asks waiters in order of arrival until as many could enter as
   * can; bounded work per call (a waiter for a busy account must not keep those behind it for a free one waiting).
   */
  wake(): void;
  readonly waiting: number;
}

/** Keeps an outage from multiplying itself (`retry-budget.ts` implements it). */
export interface RetryAllowance {
  /** Counts a first attempt. */
  deposit(): void;
  /** Takes one retry; false when retries already make up their share of the traffic. */
  take(): boolean;
}

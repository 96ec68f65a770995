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

/** What forward asks of routing. */
export interface Router {
  /**
   * Resolves a model name to its candidates. Prepared and kept until accounts change; costs one Map lookup after that.
   * Throws the `unknown_model` Fault (404, nearest names) or `no_available_accounts` (503, no account at all).
   */
  route(requestedModel: string): Route;
  /** Candidates of one provider, for the transparent route. */
  routeProvider(provider: ProviderId): Route;
  /**
   * Picks one account and takes a place in it; undefined when none can serve now. Prompt affinity is applied here
   * when `context.affinity` is set, whatever the strategy.
   */
  pick(route: Route, context: PickContext): Account | undefined;
  /** Remembers which account is warm for a prefix, after a success. */
  remember(affinity: number, account: Account): void;
  /** Name of the strategy in use for groups that name none. */
  algorithm: string;
}

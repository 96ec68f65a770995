import type { Accounts } from './directory.ts';
import type { AccountObserver } from './observer.ts';

/** What another node says of a breaker or a rest. Times are Unix ms. */
export interface RemoteStanding {
  accountId: string;
  /** Undefined: the whole account. */
  model: string | undefined;
  nowMs: number;
}

/**
 * Takes in what the mesh tells of accounts. Words about accounts that this node does not have are passed over: records
 * and gossip travel apart and may come in any order.
 */
export class RemoteStandings {
  readonly #accounts: Accounts;
  readonly #observers: readonly AccountObserver[];

  /** `observers` hear with origin `remote`; the mesh's own is not among them. */
  constructor(accounts: Accounts, observers: readonly AccountObserver[] = []) {
    this.#accounts = accounts;
    this.#observers = observers;
  }

  /** The sum over the other nodes, replacing what was said before. */
  load(accountId: string, load: { inFlight: number; served: number }): void {
    const account = this.#accounts.get(accountId);
    if (account === undefined) return;
    const { remote } = account;
    if (remote.inFlight === load.inFlight && remote.served === load.served) return;
    remote.inFlight = load.inFlight;
    remote.served = load.served;
    account.reorder();
  }

  /**
   * Another node's breaker opened. Not believed when this node had a success at the account after the failures behind
   * it (`failedAtMs`): then perhaps it is the other node's network that is broken. True when believed.
   */
  breakerOpened({ accountId, model, nowMs }: RemoteStanding, failedAtMs: number, untilMs: number): boolean {
    const account = this.#accounts.get(accountId);
    if (account === undefined || !(untilMs > nowMs)) return false;
    if ((account.lastSuccessAtMs ?? 0) > failedAtMs) return false;
    const { breaker } = account.standings.of(model);
    // Several nodes tell of one outage: one opening, not as many as there are nodes.
    if (breaker.state(nowMs) === 'open' && (breaker.untilMs ?? 0) >= untilMs) return true;
    breaker.openUntil(nowMs, untilMs);
    account.planWake();
    const notice = { account, model, nowMs, untilMs: breaker.untilMs ?? nowMs, origin: 'remote' } as const;
    for (const observer of this.#observers) observer.breakerOpened?.(notice);
    return true;
  }

  /** The trial of the node whose turn it was succeeded: its verdict closes for all. True when it was not closed here. */
  breakerClosed({ accountId, model, nowMs }: RemoteStanding): boolean {
    const account = this.#accounts.get(accountId);
    const standing = model === undefined ? account?.standings.whole : account?.standings.find(model);
    if (account === undefined || !standing?.breaker.reset()) return false;
    account.announce();
    for (const observer of this.#observers) observer.breakerClosed?.({ account, model, nowMs, origin: 'remote' });
    return true;
  }

  /** True when the account is here and the rest is not over. */
  restStarted({ accountId, model, nowMs }: RemoteStanding, untilMs: number): boolean {
    const account = this.#accounts.get(accountId);
    if (account === undefined || !(untilMs > nowMs)) return false;
    const { rest } = account.standings.of(model);
    rest.restUntil(nowMs, untilMs);
    account.planWake();
    const notice = { account, model, nowMs, untilMs: rest.endsAtMs(nowMs) ?? nowMs, origin: 'remote' } as const;
    for (const observer of this.#observers) observer.restStarted?.(notice);
    return true;
  }

  restEnded({ accountId, model, nowMs }: RemoteStanding): void {
    const account = this.#accounts.get(accountId);
    const standing = model === undefined ? account?.standings.whole : account?.standings.find(model);
    if (account === undefined || !standing?.rest.reset()) return;
    account.announce();
    for (const observer of this.#observers) observer.restEnded?.({ account, model, nowMs, origin: 'remote' });
  }
}

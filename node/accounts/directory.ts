import type { Clock } from '../../kit/clock.ts';
import { PooledAccount } from './account.ts';
import type { Account, AccountDirectory } from './contract.ts';
import type { AccountEntry, AccountPatch } from './definition.ts';
import { accountFaults } from './faults.ts';
import type { AccountChange, AccountObserver, Origin } from './observer.ts';
import { breakerDefaults, restDefaults, type BreakerOptions, type RestOptions } from './options.ts';
import type { AccountHost } from './parts.ts';

/** Accounts that a node holds. Choosing costs O(log n), but statistics, metrics and gossip list them all. */
export const accountsMax = 10_000;

export interface DirectoryOptions {
  clock: Clock;
  breaker?: Partial<BreakerOptions>;
  rest?: Partial<RestOptions>;
}

/** All accounts of the node, changed at run time. Every change raises `version`. */
export class Accounts implements AccountDirectory {
  readonly #byId = new Map<string, PooledAccount>();
  readonly #observers: AccountObserver[] = [];
  readonly #onCapacity: (() => void)[] = [];
  readonly #onTouch: ((account: Account) => void)[] = [];
  readonly #host: AccountHost;
  #onBegin: ((account: Account) => void) | undefined;
  #all: readonly PooledAccount[] = [];
  #version = 1;
  #mayTry: (accountId: string, sinceMs: number) => boolean = () => true;

  constructor(options: DirectoryOptions) {
    this.#host = {
      clock: options.clock,
      breaker: { ...breakerDefaults, ...options.breaker },
      rest: { ...restDefaults, ...options.rest },
      observers: this.#observers,
      began: (account) => this.#onBegin?.(account),
      touched: (account) => this.#touched(account),
      freed: (account) => this.#freed(account),
      revised: (account) => this.#revised(account),
      mayTry: (accountId, sinceMs) => this.#mayTry(accountId, sinceMs),
    };
  }

  get all(): readonly PooledAccount[] {
    return this.#all;
  }

  get version(): number {
    return this.#version;
  }

  get breakerOptions(): Readonly<BreakerOptions> {
    return this.#host.breaker;
  }

  get isBreakerEnabled(): boolean {
    return this.#host.breaker.enabled;
  }

  /** Changes when accounts are taken out and for how long, for all of them at once; what is open stays open. */
  reconfigure(breaker: Partial<BreakerOptions>, rest: Partial<RestOptions>): void {
    Object.assign(this.#host.breaker, breaker);
    Object.assign(this.#host.rest, rest);
  }

  get(id: string): PooledAccount | undefined {
    return this.#byId.get(id);
  }

  onCapacity(listener: () => void): void {
    this.#onCapacity.push(listener);
  }

  onTouch(listener: (account: Account) => void): void {
    this.#onTouch.push(listener);
  }

  /** Called for every request that begins at an account; one listener, since every request pays for it. */
  onBegin(listener: (account: Account) => void): void {
    this.#onBegin = listener;
  }

  observe(observer: AccountObserver): void {
    this.#observers.push(observer);
  }

  /** In a mesh, half-open trials are made by one node: this tells whether it is this one. */
  setTrialGate(mayTry: (accountId: string, sinceMs: number) => boolean): void {
    this.#mayTry = mayTry;
  }

  /** Throws `account_exists` or `too_many_accounts`. */
  add(entry: AccountEntry, origin: Origin = 'own'): PooledAccount {
    const { id } = entry.definition;
    if (this.#byId.has(id)) throw accountFaults.account_exists(`account ${id} exists already`, { field: 'id' });
    if (this.#byId.size >= accountsMax) {
      throw accountFaults.too_many_accounts(`a node holds at most ${accountsMax} accounts`);
    }
    const account = new PooledAccount(entry, this.#host);
    this.#byId.set(id, account);
    this.#revised(account);
    this.#tell(account, 'added', origin);
    return account;
  }

  /** Throws `account_not_found`. */
  update(id: string, patch: AccountPatch, origin: Origin = 'own'): PooledAccount {
    const account = this.#require(id);
    account.patch(patch);
    this.#tell(account, 'updated', origin);
    return account;
  }

  /** Its requests under way end as they would have. Throws `account_not_found`. */
  remove(id: string, origin: Origin = 'own'): void {
    const account = this.#require(id);
    this.#byId.delete(id);
    account.stop();
    this.#revised(account);
    this.#tell(account, 'removed', origin);
  }

  enable(id: string, origin: Origin = 'own'): void {
    const account = this.#require(id);
    account.patch({ enabled: true });
    this.#tell(account, 'enabled', origin);
  }

  /** Takes no further request; those under way go on. */
  disable(id: string, origin: Origin = 'own'): void {
    const account = this.#require(id);
    account.patch({ enabled: false });
    this.#tell(account, 'disabled', origin);
  }

  /** Closes its breakers and ends its rests, those of its models too. Counters stay. */
  reset(id: string, origin: Origin = 'own'): void {
    const account = this.#require(id);
    account.standings.clear();
    account.failedChecks = 0;
    this.#tell(account, 'reset', origin);
    this.#freed(account);
  }

  resetAll(origin: Origin = 'own'): void {
    for (const account of this.#all) this.reset(account.id, origin);
  }

  /** The result of a health check; failures in a row count for failover. */
  recordCheck(id: string, isWell: boolean): void {
    const account = this.#require(id);
    account.failedChecks = isWell ? 0 : account.failedChecks + 1;
  }

  stop(): void {
    for (const account of this.#all) account.stop();
  }

  #require(id: string): PooledAccount {
    const account = this.#byId.get(id);
    if (account === undefined) throw accountFaults.account_not_found(`there is no account ${id}`);
    return account;
  }

  #revised(account: Account): void {
    this.#version++;
    this.#all = [...this.#byId.values()];
    this.#freed(account);
  }

  #touched(account: Account): void {
    for (const listener of this.#onTouch) listener(account);
  }

  #freed(account: Account): void {
    this.#touched(account);
    for (const listener of this.#onCapacity) listener();
  }

  #tell(account: Account, change: AccountChange, origin: Origin): void {
    for (const observer of this.#observers) observer.accountChanged?.(account, change, origin);
  }
}

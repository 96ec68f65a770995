import type { Account } from '../accounts/contract.ts';
import type { PickContext, ResolvedModel, Route, Strategy, StrategyFactory } from './contract.ts';
import type { Priority } from './groups.ts';
import { HashChoice } from './hash-choice.ts';

/** The candidates of one group for one model, with their strategy. */
export class PreparedGroup {
  readonly name: string;
  readonly priority: Priority;
  readonly factory: StrategyFactory;
  readonly accounts: readonly Account[];
  readonly strategy: Strategy;
  readonly #members: ReadonlySet<Account>;
  readonly #weights: readonly number[];
  #byAffinity: HashChoice | undefined;

  constructor(name: string, priority: Priority, factory: StrategyFactory, accounts: readonly Account[]) {
    this.name = name;
    this.priority = priority;
    this.factory = factory;
    this.accounts = accounts;
    this.strategy = factory.create(accounts);
    this.#members = new Set(accounts);
    this.#weights = accounts.map((account) => account.weight);
  }

  has(account: Account): boolean {
    return this.#members.has(account);
  }

  /** The account that a prefix hashes to, by weight; the same on every node. */
  pickByAffinity(context: PickContext): Account | undefined {
    this.#byAffinity ??= new HashChoice(this.accounts, true);
    return this.#byAffinity.pick(context.affinity, context);
  }

  touch(account: Account): void {
    this.strategy.touch?.(account);
    this.#byAffinity?.touch(account);
  }

  /** Nothing that its strategy was made from has changed. */
  isAsMadeFrom(priority: Priority, factory: StrategyFactory, accounts: readonly Account[]): boolean {
    if (this.priority !== priority || this.factory !== factory || this.accounts.length !== accounts.length)
      return false;
    return accounts.every((account, at) => account === this.accounts[at] && account.weight === this.#weights[at]);
  }
}

/** A route as the router keeps it. */
export class PreparedRoute implements Route {
  readonly requested: string;
  readonly resolved: ResolvedModel;
  readonly groups: readonly PreparedGroup[];
  readonly accounts: readonly Account[];
  /** See `TouchLog`. */
  touchedTo: number;
  readonly #levels: Readonly<Record<Priority, readonly PreparedGroup[]>>;

  /** `groups` in order of priority; `touchedTo`: changes of accounts that they know. */
  constructor(requested: string, resolved: ResolvedModel, groups: readonly PreparedGroup[], touchedTo: number) {
    this.touchedTo = touchedTo;
    this.requested = requested;
    this.resolved = resolved;
    this.groups = groups;
    this.accounts = groups.flatMap((group) => group.accounts);
    const level = (priority: Priority) => groups.filter((group) => group.priority === priority);
    this.#levels = { primary: level('primary'), secondary: level('secondary'), fallback: level('fallback') };
  }

  level(priority: Priority): readonly PreparedGroup[] {
    return this.#levels[priority];
  }

  touch(account: Account): void {
    for (const group of this.groups) group.touch(account);
  }
}

import type { Account } from '../accounts/contract.ts';
import type { ResolvedModel } from './contract.ts';
import { priorities, type Groups } from './groups.ts';
import { PreparedGroup, PreparedRoute } from './prepared-route.ts';
import type { StrategyRegistry } from './registry.ts';
import type { TouchLog } from './touch-log.ts';

/** Lists shared between models; there are as many as different sets of accounts, few unless every model has its own. */
const sharedListsMax = 1_024;

/** Makes routes: candidates sorted into groups, each with its strategy. */
export class RouteMaker {
  readonly #groups: Groups;
  readonly #registry: StrategyRegistry;
  readonly #touches: TouchLog;
  readonly #shared = new Map<string, readonly Account[]>();

  constructor(groups: Groups, registry: StrategyRegistry, touches: TouchLog) {
    this.#touches = touches;
    this.#groups = groups;
    this.#registry = registry;
  }

  /** `previous` is the route for the same name before the last change: what did not change keeps its strategy's state. */
  make(
    requested: string,
    resolved: ResolvedModel,
    candidates: readonly Account[],
    algorithm: { ofAll: string | undefined; byDefault: string },
    previous: PreparedRoute | undefined,
  ): PreparedRoute {
    const byGroup = Map.groupBy(candidates, (account) => account.group);
    const groups = [...byGroup].map(([name, accounts]) => this.#group(name, accounts, algorithm, previous));
    groups.sort((left, right) => priorities.indexOf(left.priority) - priorities.indexOf(right.priority));
    return new PreparedRoute(requested, resolved, groups, this.#touches.count);
  }

  /** After a change of accounts the lists of before are of no use. */
  forget(): void {
    this.#shared.clear();
  }

  #group(
    name: string,
    accounts: readonly Account[],
    algorithm: { ofAll: string | undefined; byDefault: string },
    previous: PreparedRoute | undefined,
  ): PreparedGroup {
    const { priority, strategy } = this.#groups.get(name);
    const factory = this.#registry.get(algorithm.ofAll ?? strategy ?? algorithm.byDefault);
    const kept = previous?.groups.find((group) => group.name === name);
    if (kept?.isAsMadeFrom(priority, factory, accounts)) {
      // It heard nothing while it was not in use.
      for (const account of accounts) kept.touch(account);
      return kept;
    }
    return new PreparedGroup(name, priority, factory, this.#share(accounts));
  }

  /** The same list object for the same accounts, so that models with the same candidates share one hash ring. */
  #share(accounts: readonly Account[]): readonly Account[] {
    const key = accounts.map((account) => account.id).join('\n');
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    if (this.#shared.size >= sharedListsMax) this.#shared.clear();
    this.#shared.set(key, accounts);
    return accounts;
  }
}

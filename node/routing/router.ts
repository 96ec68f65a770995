import type { Clock } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import { LruMap } from '../../kit/lru-map.ts';
import type { Random } from '../../kit/random.ts';
import type { Account, AccountDirectory } from '../accounts/contract.ts';
import type { ProviderId } from '../providers/contract.ts';
import { AffinityMap } from './affinity.ts';
import type { Catalog } from './catalog.ts';
import type { PickContext, ResolvedModel, Route, Router, RouteScope } from './contract.ts';
import { explainUnavailable } from './explain.ts';
import type { Failover } from './failover.ts';
import { routingFaults } from './faults.ts';
import type { Groups } from './groups.ts';
import { hashString } from './hash.ts';
import { PreparedRoute, type PreparedGroup } from './prepared-route.ts';
import { StrategyRegistry } from './registry.ts';
import { RouteMaker } from './route-maker.ts';
import { TouchLog } from './touch-log.ts';

/** Routes kept ready. More models than a node's users have; random names push each other out. */
export const routesMax = 256;

/** Routes of keys with accounts, providers or a strategy of their own: the keys in use times their models, about 2 KB each. */
export const scopedRoutesMax = 4_096;

/** `auto`: for requests that use prompt caching (they come with an affinity); `always`: forward gives one to all. */
export type AffinityMode = 'auto' | 'off' | 'always';

export interface RouterOptions {
  accounts: AccountDirectory;
  groups: Groups;
  catalog: Catalog;
  failover: Failover;
  clock: Clock;
  random: Random;
  /** Strategy of groups that name none; `weighted_round_robin` when absent. */
  algorithm?: string;
  affinity?: AffinityMode;
  affinityMap?: AffinityMap;
}

/** From a model name to an account: catalog, then groups by priority, then affinity, then the group's strategy. */
export class AccountRouter implements Router {
  affinity: AffinityMode;
  readonly affinityMap: AffinityMap;
  readonly strategies: StrategyRegistry;
  readonly #options: RouterOptions;
  readonly #maker: RouteMaker;
  readonly #touches = new TouchLog();
  readonly #providerRoutes = new LruMap<string, PreparedRoute>(routesMax);
  #routes = new LruMap<string, PreparedRoute>(routesMax);
  #scopedRoutes = new LruMap<string, PreparedRoute>(scopedRoutesMax);
  /** Routes of before the last change, whose strategies may go on. */
  #previous = { ofAll: this.#routes, scoped: this.#scopedRoutes };
  #algorithm: string;
  #revision = 1;
  #preparedAt = 0;
  #turn = 0;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.affinity = options.affinity ?? 'auto';
    this.affinityMap = options.affinityMap ?? new AffinityMap();
    this.strategies = new StrategyRegistry(options.random);
    this.#maker = new RouteMaker(options.groups, this.strategies, this.#touches);
    this.#algorithm = this.strategies.get(options.algorithm ?? 'weighted_round_robin').name;
    options.accounts.onTouch?.((account) => this.#touches.add(account));
  }

  get algorithm(): string {
    return this.#algorithm;
  }

  /** By name or alias. Throws `unknown_strategy`. */
  set algorithm(name: string) {
    this.#algorithm = this.strategies.get(name).name;
    this.#revision++;
  }

  /** Routes kept; bounded by `routesMax` and `scopedRoutesMax`. */
  get routeCount(): number {
    return this.#routes.size + this.#scopedRoutes.size;
  }

  route(requestedModel: string, scope?: RouteScope): PreparedRoute {
    this.#refresh();
    if (scope === undefined) {
      return this.#routes.get(requestedModel) ?? this.#prepare(this.#routes, requestedModel, requestedModel, undefined);
    }
    const key = `${scope.key}\n${requestedModel}`;
    return this.#scopedRoutes.get(key) ?? this.#prepare(this.#scopedRoutes, key, requestedModel, scope);
  }

  routeProvider(provider: ProviderId, scope?: RouteScope): PreparedRoute {
    this.#refresh();
    // No key of a scope has a space in it, so that no name of a model leads here.
    const key = scope === undefined ? provider : `provider ${provider}\n${scope.key}`;
    const routes = scope === undefined ? this.#providerRoutes : this.#scopedRoutes;
    const known = routes.get(key);
    if (known !== undefined) return known;
    const accounts = this.#options.accounts.all.filter((account) => account.provider === provider);
    const servers = withinScope(accounts, scope, `accounts of ${provider}`);
    const route = this.#make(`${provider}/`, { model: '', provider }, servers, scope?.strategy, undefined);
    routes.set(key, route);
    return route;
  }

  pick(route: Route, context: PickContext): Account | undefined {
    if (!(route instanceof PreparedRoute)) throw new TypeError('the route is not of this router');
    this.#touches.tell(route);
    for (const priority of this.#options.failover.order) {
      const groups = route.level(priority);
      const first = groups.length > 1 ? this.#firstGroup(groups, context) : 0;
      for (let step = 0; step < groups.length; step++) {
        const group = groups[(first + step) % groups.length];
        const account = group && this.#pickIn(group, context);
        if (account !== undefined) return account;
      }
    }
    return undefined;
  }

  remember(affinity: number, account: Account): void {
    if (this.affinity !== 'off') this.affinityMap.remember(affinity, account, this.#options.clock.nowMs());
  }

  explainUnavailable(route: Route, nowMs: number): Fault {
    const serving = this.#options.failover.order;
    const groups = route instanceof PreparedRoute ? serving.flatMap((priority) => route.level(priority)) : route.groups;
    const accounts = groups.flatMap((group) => group.accounts);
    const fault = explainUnavailable(accounts, route.resolved.model, nowMs);
    return fault ?? this.#options.catalog.unknownModel(route.resolved.model);
  }

  /** The warm account while it is well, then the next-warmest, then the one that every node would name. */
  #pickIn(group: PreparedGroup, context: PickContext): Account | undefined {
    if (context.affinity === 0 || this.affinity === 'off') return group.strategy.pick(context);
    const warm = this.affinityMap.warmest(context.affinity, context.nowMs, (account) => {
      return group.has(account) && !context.tried.includes(account) && account.canServe(context.nowMs, context.model);
    });
    return warm ?? group.pickByAffinity(context);
  }

  /** Groups of equal priority share the requests by their number of accounts; what sticks to an account sticks to its group. */
  #firstGroup(groups: readonly PreparedGroup[], context: PickContext): number {
    let total = 0;
    for (const group of groups) total += group.accounts.length;
    let place = this.#spread(groups, context) % total;
    for (let at = 0; at < groups.length; at++) {
      const size = groups[at]?.accounts.length ?? 0;
      if (place < size) return at;
      place -= size;
    }
    return 0;
  }

  #spread(groups: readonly PreparedGroup[], context: PickContext): number {
    if (context.affinity !== 0 && this.affinity !== 'off') return context.affinity;
    if (groups.some((group) => group.factory.name === 'ip_hash')) return hashString(context.clientAddress);
    this.#turn = (this.#turn + 1) >>> 0;
    return this.#turn;
  }

  #prepare(
    routes: LruMap<string, PreparedRoute>,
    key: string,
    requested: string,
    scope: RouteScope | undefined,
  ): PreparedRoute {
    const { accounts, catalog } = this.#options;
    if (accounts.all.length === 0) throw routingFaults.no_available_accounts('No available accounts');
    const resolved = catalog.resolve(requested);
    const servers = withinScope(catalog.servers(resolved), scope, 'accounts that serve this model');
    const previous = scope === undefined ? this.#previous.ofAll : this.#previous.scoped;
    const route = this.#make(requested, resolved, servers, scope?.strategy, previous.peek(key));
    routes.set(key, route);
    return route;
  }

  #make(
    requested: string,
    resolved: ResolvedModel,
    servers: readonly Account[],
    strategy: string | undefined,
    previous: PreparedRoute | undefined,
  ): PreparedRoute {
    const candidates = servers.filter((account) => account.enabled && account.upstream !== undefined);
    if (candidates.length === 0) {
      throw (
        explainUnavailable(servers, resolved.model, this.#options.clock.nowMs()) ??
        routingFaults.no_available_accounts('No available accounts')
      );
    }
    const algorithm = { ofAll: strategy, byDefault: this.#algorithm };
    return this.#maker.make(requested, resolved, candidates, algorithm, previous);
  }

  /** After a change all routes are made anew, when they are next asked for. */
  #refresh(): void {
    const { accounts, catalog, groups } = this.#options;
    // Each of them only rises, and so does the sum with any change.
    const current = accounts.version + catalog.version + groups.version + this.#revision;
    if (current === this.#preparedAt) return;
    this.#preparedAt = current;
    if (this.#routes.size > 0) this.#previous.ofAll = this.#routes;
    if (this.#scopedRoutes.size > 0) this.#previous.scoped = this.#scopedRoutes;
    this.#routes = new LruMap(routesMax);
    this.#scopedRoutes = new LruMap(scopedRoutesMax);
    this.#touches.clear();
    this.#providerRoutes.clear();
    this.#maker.forget();
  }
}

/** `what` says in words which accounts they are. */
function withinScope(accounts: Account[], scope: RouteScope | undefined, what: string): Account[] {
  if (scope === undefined) return accounts;
  const within = accounts.filter((account) => isInScope(account, scope));
  if (within.length === 0 && accounts.length > 0)
    throw routingFaults.out_of_scope(`your key may use none of the ${what}`);
  return within;
}

function isInScope(account: Account, scope: RouteScope): boolean {
  if (scope.accounts !== undefined && !scope.accounts.has(account.id)) return false;
  return scope.providers === undefined || scope.providers.has(account.provider);
}

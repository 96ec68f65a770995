import type { Clock } from '../../kit/clock.ts';
import type { Random } from '../../kit/random.ts';
import type { Accounts } from '../accounts/directory.ts';
import type { Settings } from '../config/index.ts';
import { providers } from '../providers/registry.ts';
import { AccountRouter, Catalog, Failover, Groups, PriorityWatch, RetryBudget, WaitQueue } from '../routing/index.ts';
import { failoverPolicy } from './options.ts';

/** Everything that leads from a model name to an account. */
export interface RoutingParts {
  readonly groups: Groups;
  readonly catalog: Catalog;
  readonly failover: Failover;
  readonly watch: PriorityWatch;
  readonly router: AccountRouter;
  readonly waitQueue: WaitQueue;
  readonly retryBudget: RetryBudget;
}

export function makeRouting(settings: Settings, accounts: Accounts, clock: Clock, random: Random): RoutingParts {
  const groups = new Groups();
  const catalog = new Catalog({ accounts, providers: [...providers.keys()], aliases: settings.models });
  const failover = new Failover(failoverPolicy(settings));
  const watch = new PriorityWatch(accounts, groups, failover, clock);
  const router = new AccountRouter({
    accounts,
    groups,
    catalog,
    failover,
    clock,
    random,
    algorithm: algorithmOf(settings),
    affinity: settings.affinity,
  });
  const { limits } = settings;
  const waitQueue = new WaitQueue({ clock, queueSize: limits.queue_size, timeoutMs: limits.queue_timeout });
  const retryBudget = new RetryBudget(clock, { share: limits.retry_budget });
  accounts.onCapacity(() => waitQueue.wake());
  accounts.observe({ breakerOpened: () => watch.look() });
  setGroups(groups, settings);
  return { groups, catalog, failover, watch, router, waitQueue, retryBudget };
}

/** Makes the groups those of the settings. */
export function setGroups(groups: Groups, settings: Settings): void {
  for (const { name } of groups.all) if (settings.groups[name] === undefined) groups.remove(name);
  for (const [name, { priority, strategy }] of Object.entries(settings.groups))
    groups.set({ name, priority, strategy });
}

/** With the load balancer off, the first account that can serve takes every request. */
export function algorithmOf({ load_balancer }: Settings): string {
  return load_balancer.enabled ? load_balancer.algorithm : 'first';
}

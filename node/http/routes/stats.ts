import { z } from 'zod';
import { accountsConcurrency, breakerStats } from '../../accounts/stats.ts';
import type { ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { accountSchema, breakerRowSchema, nextCursorSchema, viewOf } from './account-view.ts';

const tag = 'stats';
const permission = 'stats:read';

const concurrencySchema = z.strictObject({
  in_flight: z.number(),
  global_max_concurrency: z.number(),
  waiting: z.number(),
  accounts: z.array(
    z.strictObject({ account: z.string(), in_flight: z.number(), max_concurrency: z.number().nullable() }),
  ),
});

const breakersSchema = z.strictObject({
  enabled: z.boolean(),
  open: z.number(),
  half_open: z.number(),
  closed: z.number(),
  settings: z.strictObject({
    error_threshold: z.number(),
    failure_rate: z.number(),
    min_requests: z.number(),
    recovery_timeout_seconds: z.number(),
  }),
  breakers: z.array(breakerRowSchema).describe('accounts first, then models that have a breaker of their own'),
});

const queueSchema = z.strictObject({
  waiting: z.number(),
  queue_size: z.number(),
  oldest_wait_ms: z.number(),
  rejected_count: z.number().describe('turned away because the queue was full, since the start'),
  expired_count: z.number().describe('gave up waiting at their deadline, since the start'),
});

/** How the node is doing, as numbers. */
export function statsRoutes(dependencies: ManagementDependencies): Route[] {
  return [accounts(dependencies), concurrency(dependencies), breakers(dependencies), queue(dependencies)];
}

function accounts(dependencies: ManagementDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/stats/accounts',
    permission,
    tag,
    summary: 'All accounts in full',
    response: z.strictObject({ accounts: z.array(accountSchema), next_cursor: nextCursorSchema }),
    handler() {
      const views = dependencies.accounts.all.map((account) => viewOf(account, dependencies));
      return { accounts: views, next_cursor: null };
    },
  });
}

function concurrency({ accounts, queue }: ManagementDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/stats/concurrency',
    permission,
    tag,
    summary: 'Places taken, in all and by account',
    response: concurrencySchema,
    handler() {
      const { inFlight, inFlightMax, waiting } = queue();
      const byAccount = accountsConcurrency(accounts);
      return { in_flight: inFlight, global_max_concurrency: inFlightMax, waiting, accounts: byAccount };
    },
  });
}

function breakers({ node, accounts, breaker }: ManagementDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/stats/circuit-breaker',
    permission,
    tag,
    summary: 'State of every circuit breaker, and the settings that open and close them',
    response: breakersSchema,
    handler() {
      const settings = {
        error_threshold: breaker.errorThreshold,
        failure_rate: breaker.failureRate,
        min_requests: breaker.minRequests,
        recovery_timeout_seconds: breaker.recoveryMs / 1000,
      };
      return { ...breakerStats(accounts, node.clock.nowMs()), settings };
    },
  });
}

function queue({ queue }: ManagementDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/stats/queue',
    permission,
    tag,
    summary: 'Requests that wait for an account or a place',
    response: queueSchema,
    handler() {
      const reading = queue();
      return {
        waiting: reading.waiting,
        queue_size: reading.waitingMax,
        oldest_wait_ms: reading.oldestWaitMs,
        rejected_count: reading.rejectedCount,
        expired_count: reading.expiredCount,
      };
    },
  });
}

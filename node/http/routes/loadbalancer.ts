import { z } from 'zod';
import { loadBalancerInstances } from '../../accounts/stats.ts';
import type { ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { nextCursorSchema } from './account-view.ts';

const tag = 'loadbalancer';

const instanceSchema = z.strictObject({
  id: z.string(),
  provider: z.string(),
  group: z.string(),
  weight: z.number(),
  enabled: z.boolean(),
  healthy: z.boolean(),
  health_score: z.number(),
  active_connections: z.number(),
  total_requests: z.number(),
  failed_requests: z.number(),
  avg_response_time_ms: z.number(),
});

const instanceMetricsSchema = z.strictObject({
  id: z.string(),
  total_requests: z.number(),
  total_successes: z.number(),
  total_errors: z.number(),
  active_connections: z.number(),
  first_byte_ms: z.number(),
});

const metricsSchema = z.strictObject({
  algorithm: z.string(),
  total_requests: z.number(),
  total_errors: z.number(),
  active_connections: z.number(),
  instances: z.array(instanceMetricsSchema),
});

/** The accounts as a load balancer's instances, and how it chooses among them. */
export function loadbalancerRoutes(dependencies: ManagementDependencies): Route[] {
  return [instances(dependencies), metrics(dependencies), algorithm(dependencies)];
}

function instances({ node, accounts, router }: ManagementDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/loadbalancer/instances',
    permission: 'routing:read',
    tag,
    summary: 'What the load balancer chooses from',
    response: z.strictObject({
      algorithm: z.string(),
      instances: z.array(instanceSchema),
      next_cursor: nextCursorSchema,
    }),
    handler: () => ({ ...loadBalancerInstances(accounts, router.algorithm, node.clock.nowMs()), next_cursor: null }),
  });
}

function metrics({ accounts, router }: ManagementDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/loadbalancer/metrics',
    permission: 'routing:read',
    tag,
    summary: 'What the load balancer has done so far',
    response: metricsSchema,
    handler() {
      const list = accounts.all.map((account) => ({
        id: account.id,
        total_requests: account.requestCount,
        total_successes: account.successCount,
        total_errors: account.errorCount,
        active_connections: account.inFlight,
        first_byte_ms: account.latencyEwmaMs,
      }));
      return {
        algorithm: router.algorithm,
        total_requests: list.reduce((sum, each) => sum + each.total_requests, 0),
        total_errors: list.reduce((sum, each) => sum + each.total_errors, 0),
        active_connections: list.reduce((sum, each) => sum + each.active_connections, 0),
        instances: list,
      };
    },
  });
}

function algorithm({ router, algorithms, persistRouting }: ManagementDependencies): Route {
  return defineRoute({
    method: 'PUT',
    path: '/loadbalancer/algorithm',
    permission: 'routing:write',
    tag,
    summary: 'Changes how an account is chosen, from the next request on',
    body: z.strictObject({ algorithm: z.enum(algorithms) }),
    response: z.strictObject({ algorithm: z.string() }),
    async handler({ body }) {
      router.algorithm = body.algorithm;
      await persistRouting();
      return { algorithm: router.algorithm };
    },
  });
}

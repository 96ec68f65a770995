import type { Log } from '../../kit/log.ts';
import type { ManagementDependencies } from './dependencies.ts';
import type { Route } from './define-route.ts';
import { FreshModels, type ModelRefreshSettings } from './model-refresh.ts';
import type { Readiness } from './readiness.ts';
import { accountRoutes } from './routes/accounts.ts';
import { adminRoutes } from './routes/admin.ts';
import { clusterRoutes, peerRoute } from './routes/cluster.ts';
import { authRoutes } from './routes/auth.ts';
import { cacheRoutes } from './routes/cache.ts';
import { dataPlaneCalls } from './routes/data-plane.ts';
import { healthRoutes } from './routes/health.ts';
import { keyRoutes } from './routes/keys.ts';
import { loadbalancerRoutes } from './routes/loadbalancer.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { modelRoutes } from './routes/models.ts';
import { documentationRoutes } from './routes/openapi.ts';
import { priceRoutes } from './routes/prices.ts';
import { roleRoutes } from './routes/roles.ts';
import { statsRoutes } from './routes/stats.ts';
import { testOciRoutes } from './routes/test-oci.ts';
import { traceRoutes } from './routes/traces.ts';
import { usageRoutes } from './routes/usage.ts';
import { userRoutes } from './routes/users.ts';

export interface RouteSetParts {
  management: ManagementDependencies;
  readiness: Readiness;
  modelRefresh: ModelRefreshSettings;
  log: Log;
}

/** The routes of a node with everything on one port. */
export function onePortRoutes(parts: RouteSetParts): Route[] {
  const { management } = parts;
  const routes = [...nodeRoutesOf(parts), ...modelRoutesOf(parts), ...managementRoutesOf(management)];
  const calls = [...routes, ...dataPlaneCalls];
  return [...routes, ...documentationRoutes(calls, management.node.version)];
}

/** The routes of the proxy port where management has a port of its own: what clients and load balancers need. */
export function proxyPortRoutes(parts: RouteSetParts): Route[] {
  return [...nodeRoutesOf(parts), ...modelRoutesOf(parts)];
}

/** The routes of the port for management alone. */
export function adminPortRoutes(parts: RouteSetParts): Route[] {
  const routes = [...nodeRoutesOf(parts), ...managementRoutesOf(parts.management)];
  return [...routes, ...documentationRoutes(routes, parts.management.node.version)];
}

/** The routes of a port for Prometheus alone. */
export function metricsPortRoutes(parts: RouteSetParts): Route[] {
  return [...healthRoutesOf(parts), ...metricsRoutes(parts.management)];
}

function managementRoutesOf(management: ManagementDependencies): Route[] {
  return [
    ...accountRoutes(management),
    ...testOciRoutes(management),
    ...statsRoutes(management),
    ...adminRoutes(management),
    ...loadbalancerRoutes(management),
    ...cacheRoutes(management),
    ...metricsRoutes(management),
    ...clusterRoutes(management.cluster),
    ...authRoutes(management),
    ...userRoutes(management),
    ...keyRoutes(management),
    ...roleRoutes(management),
    ...usageRoutes(management),
    ...traceRoutes(management),
    ...priceRoutes(management),
  ];
}

/** Other nodes knock at any port that a node has, whatever it is for. */
function nodeRoutesOf(parts: RouteSetParts): Route[] {
  return [...healthRoutesOf(parts), peerRoute(parts.management.cluster)];
}

function healthRoutesOf({ management, readiness }: RouteSetParts): Route[] {
  const { node, accounts, usage } = management;
  return healthRoutes({ node, accounts, readiness, store: () => usage.reading().state });
}

function modelRoutesOf({ management, modelRefresh, log }: RouteSetParts): Route[] {
  return modelRoutes(new FreshModels(management.models, management.node.clock, log, modelRefresh));
}

import type { Log } from '../../kit/log.ts';
import type { ManagementDependencies } from './dependencies.ts';
import type { Route } from './define-route.ts';
import { FreshModels, type ModelRefreshSettings } from './model-refresh.ts';
import type { Readiness } from './readiness.ts';
import { accountRoutes } from './routes/accounts.ts';
import { adminRoutes } from './routes/admin.ts';
import { cacheRoutes } from './routes/cache.ts';
import { dataPlaneCalls } from './routes/data-plane.ts';
import { healthRoutes } from './routes/health.ts';
import { loadbalancerRoutes } from './routes/loadbalancer.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { modelRoutes } from './routes/models.ts';
import { documentationRoutes } from './routes/openapi.ts';
import { statsRoutes } from './routes/stats.ts';

export interface RouteSetParts {
  management: ManagementDependencies;
  readiness: Readiness;
  modelRefresh: ModelRefreshSettings;
  log: Log;
}

/** The routes of a node with everything on one port. */
export function onePortRoutes(parts: RouteSetParts): Route[] {
  const routes = [...healthRoutesOf(parts), ...modelRoutesOf(parts), ...managementRoutesOf(parts.management)];
  const calls = [...routes, ...dataPlaneCalls];
  return [...routes, ...documentationRoutes(calls, parts.management.node.version)];
}

/** The routes of the proxy port where management has a port of its own: what clients and load balancers need. */
export function proxyPortRoutes(parts: RouteSetParts): Route[] {
  return [...healthRoutesOf(parts), ...modelRoutesOf(parts)];
}

/** The routes of the port for management alone. */
export function adminPortRoutes(parts: RouteSetParts): Route[] {
  const routes = [...healthRoutesOf(parts), ...managementRoutesOf(parts.management)];
  return [...routes, ...documentationRoutes(routes, parts.management.node.version)];
}

/** The routes of a port for Prometheus alone. */
export function metricsPortRoutes(parts: RouteSetParts): Route[] {
  return [...healthRoutesOf(parts), ...metricsRoutes(parts.management)];
}

function managementRoutesOf(management: ManagementDependencies): Route[] {
  return [
    ...accountRoutes(management),
    ...statsRoutes(management),
    ...adminRoutes(management),
    ...loadbalancerRoutes(management),
    ...cacheRoutes(management),
    ...metricsRoutes(management),
  ];
}

function healthRoutesOf({ management, readiness }: RouteSetParts): Route[] {
  return healthRoutes({ node: management.node, accounts: management.accounts, readiness });
}

function modelRoutesOf({ management, modelRefresh, log }: RouteSetParts): Route[] {
  return modelRoutes(new FreshModels(management.models, management.node.clock, log, modelRefresh));
}

import type { Settings } from '../config/index.ts';
import type { Route } from '../http/define-route.ts';
import type { ListenerDependencies, ManagementDependencies } from '../http/dependencies.ts';
import type { DataPlane } from '../http/dependencies.ts';
import { defaultModelRefreshSettings } from '../http/model-refresh.ts';
import type { Readiness } from '../http/readiness.ts';
import {
  adminPortRoutes,
  metricsPortRoutes,
  onePortRoutes,
  proxyPortRoutes,
  type RouteSetParts,
} from '../http/route-sets.ts';
import { createHttpServer, type HttpServer } from '../http/server.ts';
import { serverSettings } from './options.ts';

export interface ListenerParts {
  settings: Settings;
  management: ManagementDependencies;
  listener: ListenerDependencies;
  readiness: Readiness;
  dataPlane: DataPlane;
}

export interface Listeners {
  /** Where clients come. */
  main: HttpServer;
  /** Those with a port of their own: management where `admin.port` asks for it, Prometheus where `metrics.port` does. */
  others: HttpServer[];
}

/** The servers of a node. */
export async function makeListeners(parts: ListenerParts): Promise<Listeners> {
  const { settings, management, listener, readiness, dataPlane } = parts;
  const { admin, metrics, port: mainPort } = settings;
  const sets: RouteSetParts = { management, readiness, modelRefresh: defaultModelRefreshSettings, log: listener.log };
  const served = (routes: Route[]) => routes.filter(({ path }) => metrics.enabled || path !== '/metrics');
  const serverAt = (port: number, routes: Route[], forward?: DataPlane) =>
    createHttpServer({
      settings: serverSettings(settings, port),
      listener,
      readiness,
      dataPlane: forward,
      routes: served(routes),
    });
  const mainRoutes = admin.port === undefined ? onePortRoutes(sets) : proxyPortRoutes(sets);
  const main = await serverAt(mainPort, mainRoutes, dataPlane);
  const others: HttpServer[] = [];
  if (admin.port !== undefined) others.push(await serverAt(admin.port, adminPortRoutes(sets)));
  const hasMetricsPort = metrics.enabled && metrics.port !== mainPort && metrics.port !== admin.port;
  if (metrics.port !== undefined && hasMetricsPort) others.push(await serverAt(metrics.port, metricsPortRoutes(sets)));
  return { main, others };
}

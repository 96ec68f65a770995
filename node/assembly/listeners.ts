import type { Settings } from '../config/index.ts';
import type { Route } from '../http/define-route.ts';
import type { ListenerDependencies, ManagementDependencies } from '../http/dependencies.ts';
import type { DataPlane } from '../http/dependencies.ts';
import { defaultModelRefreshSettings } from '../http/model-refresh.ts';
import type { Readiness } from '../http/readiness.ts';
import { metricsRoutes } from '../http/routes/metrics.ts';
import {
  adminPortRoutes,
  metricsPortRoutes,
  onePortRoutes,
  proxyPortRoutes,
  type RouteSetParts,
} from '../http/route-sets.ts';
import { createHttpServer, type HttpServer, type ListeningAddress } from '../http/server.ts';
import { serverSettings } from './options.ts';

export interface ListenerParts {
  settings: Settings;
  management: ManagementDependencies;
  listener: ListenerDependencies;
  readiness: Readiness;
  dataPlane: DataPlane;
  ownAddress: ListeningAddress | undefined;
}

export interface Listeners {
  /** Where clients come. */
  main: HttpServer;
  /** Of a worker: serves the same at an address that no other worker shares. */
  own: HttpServer | undefined;
  /** Those with a port of their own: management where `admin.port` asks for it, Prometheus where `metrics.port` does. */
  others: HttpServer[];
}

/** The servers of a node. */
export async function makeListeners(parts: ListenerParts): Promise<Listeners> {
  const { settings, management, listener, readiness, dataPlane, ownAddress } = parts;
  const { admin, metrics, port: mainPort } = settings;
  const sets: RouteSetParts = { management, readiness, modelRefresh: defaultModelRefreshSettings, log: listener.log };
  const served = (routes: Route[]) => routes.filter(({ path }) => metrics.enabled || path !== '/metrics');
  const serverAt = (at: number | ListeningAddress, routes: Route[], forward?: DataPlane) =>
    createHttpServer({
      settings:
        typeof at === 'number'
          ? serverSettings(settings, at)
          : { ...serverSettings(settings, at.port), host: at.host, isExclusive: true },
      listener,
      readiness,
      dataPlane: forward,
      routes: served(routes),
    });
  const mainRoutes = admin.port === undefined ? onePortRoutes(sets) : proxyPortRoutes(sets);
  const main = await serverAt(mainPort, mainRoutes, dataPlane);
  // Of one worker alone, so that Prometheus can read each: also where management has a port of its own.
  const ownRoutes = admin.port === undefined ? mainRoutes : [...mainRoutes, ...metricsRoutes(management)];
  const own = ownAddress && (await serverAt(ownAddress, ownRoutes, dataPlane));
  const others: HttpServer[] = [];
  if (admin.port !== undefined) others.push(await serverAt(admin.port, adminPortRoutes(sets)));
  const hasMetricsPort = metrics.enabled && metrics.port !== mainPort && metrics.port !== admin.port;
  if (metrics.port !== undefined && hasMetricsPort) others.push(await serverAt(metrics.port, metricsPortRoutes(sets)));
  return { main, own, others };
}

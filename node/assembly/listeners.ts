import type { Settings } from '../config/index.ts';
import type { ListenerDependencies, ManagementDependencies } from '../http/dependencies.ts';
import type { DataPlane } from '../http/dependencies.ts';
import { defaultModelRefreshSettings } from '../http/model-refresh.ts';
import type { Readiness } from '../http/readiness.ts';
import { metricsPortRoutes, onePortRoutes, type RouteSetParts } from '../http/route-sets.ts';
import { createHttpServer, type HttpServer } from '../http/server.ts';
import { serverSettings } from './options.ts';

export interface ListenerParts {
  settings: Settings;
  management: ManagementDependencies;
  listener: ListenerDependencies;
  readiness: Readiness;
  dataPlane: DataPlane;
}

/** The servers of a node: its own, and one for Prometheus alone where `metrics.port` asks for it. */
export async function makeListeners(
  parts: ListenerParts,
): Promise<{ main: HttpServer; metrics: HttpServer | undefined }> {
  const { settings, management, listener, readiness, dataPlane } = parts;
  const sets: RouteSetParts = { management, readiness, modelRefresh: defaultModelRefreshSettings, log: listener.log };
  const main = await createHttpServer({
    settings: serverSettings(settings, settings.port),
    listener,
    readiness,
    dataPlane,
    routes: onePortRoutes(sets).filter((route) => settings.metrics.enabled || route.path !== '/metrics'),
  });
  const metricsPort = settings.metrics.enabled ? settings.metrics.port : undefined;
  if (metricsPort === undefined || metricsPort === settings.port) return { main, metrics: undefined };
  const metrics = await createHttpServer({
    settings: serverSettings(settings, metricsPort),
    listener,
    readiness,
    routes: metricsPortRoutes(sets),
  });
  return { main, metrics };
}

import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createServer } from '../../kit/node-http.ts';
import type { DataPlane } from './dependencies.ts';
import type { Cors } from './cors.ts';
import type { Readiness } from './readiness.ts';
import type { HttpServerSettings } from './server-settings.ts';

export type UpgradeHandler = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

export interface ListenerParts {
  settings: HttpServerSettings;
  cors: Cors;
  readiness: Readiness;
  dataPlane: DataPlane | undefined;
  /** Everything that is not the data plane's (fastify). */
  routes: RequestListener;
  onUpgrade: UpgradeHandler | undefined;
}

/**
 * The node:http server of one address. Each request is offered to the data plane before fastify sees it, because
 * fastify's life cycle costs a fifth of what a node can forward.
 */
export function createListener({ settings, cors, readiness, dataPlane, routes, onUpgrade }: ListenerParts): Server {
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    // Not before the port is closed: who is told to close while it is open comes back over a new connection, and the
    // kernel resets those that it took and that were not accepted when a port closes.
    if (readiness.phase === 'draining' && !server.listening) response.shouldKeepAlive = false;
    if (request.method === 'OPTIONS') cors.answerPreflight(request.headers, response);
    else if (dataPlane === undefined || !dataPlane.handle(request, response)) routes(request, response);
  };
  const server = createServer(optionsOf(settings), onRequest);
  server.maxConnections = settings.connectionsMax;
  // Without a handler node:http treats a request to upgrade as an ordinary one, which ends in a plain 404.
  if (onUpgrade !== undefined) server.on('upgrade', onUpgrade);
  return server;
}

function optionsOf(settings: HttpServerSettings): Parameters<typeof createServer>[0] & object {
  return {
    noDelay: true,
    keepAlive: true,
    keepAliveTimeout: settings.keepAliveTimeoutMs,
    headersTimeout: Math.min(settings.headersTimeoutMs, settings.requestTimeoutMs),
    requestTimeout: settings.requestTimeoutMs,
    connectionsCheckingInterval: settings.connectionsCheckMs,
    maxHeaderSize: settings.headerSizeBytesMax,
  };
}

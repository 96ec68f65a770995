import type { Server } from 'node:http';
import type { Clock } from '../../kit/clock.ts';
import { Connections } from './connections.ts';
import type { DataPlane, ListenerDependencies } from './dependencies.ts';
import { Cors } from './cors.ts';
import type { Route } from './define-route.ts';
import { httpFaults } from './faults.ts';
import { createListener, type UpgradeHandler } from './listener.ts';
import type { Readiness } from './readiness.ts';
import { openRoutes, type RoutesHost } from './routes-host.ts';
import type { HttpServerSettings } from './server-settings.ts';

export interface HttpServerParts {
  settings: HttpServerSettings;
  listener: ListenerDependencies;
  readiness: Readiness;
  /** Answers with its own paths; absent on a port for management alone. */
  dataPlane?: DataPlane | undefined;
  /** Routes of this port; `managementRoutes`, `healthRoutes` and the like. */
  routes: readonly Route[];
  onUpgrade?: UpgradeHandler | undefined;
}

export interface ListeningAddress {
  host: string;
  port: number;
}

/** Makes the server of one address; `start` makes it listen. */
export async function createHttpServer(parts: HttpServerParts): Promise<HttpServer> {
  const cors = new Cors(parts.settings.corsOrigins);
  const host = await openRoutes({
    ...parts.listener,
    cors,
    routes: parts.routes,
    hasDataPlane: parts.dataPlane !== undefined,
    serverOf: (routes) =>
      createListener({
        settings: parts.settings,
        cors,
        readiness: parts.readiness,
        dataPlane: parts.dataPlane,
        routes,
        onUpgrade: parts.onUpgrade,
      }),
  });
  return new HttpServer(parts, host);
}

/** One listening address with its data plane and its routes. */
export class HttpServer {
  readonly #settings: HttpServerSettings;
  readonly #readiness: Readiness;
  readonly #host: RoutesHost;
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #clock: Clock;
  #stopped: Promise<void> | undefined;

  constructor(parts: HttpServerParts, host: RoutesHost) {
    this.#settings = parts.settings;
    this.#readiness = parts.readiness;
    this.#host = host;
    this.#server = host.server;
    this.#clock = parts.listener.node.clock;
    this.#connections = new Connections(host.server, this.#clock);
  }

  get connectionCount(): number {
    return this.#connections.count;
  }

  /** Listens. Throws `listen_failed` (source config) with the reason. */
  start(): Promise<ListeningAddress> {
    const { host, port, isExclusive } = this.#settings;
    return new Promise((resolve, reject) => {
      const onError = (cause: Error & { code?: string }) => {
        reject(httpFaults.listen_failed(`cannot listen on ${host}:${port}: ${reasonOf(cause)}`, { cause }));
      };
      this.#server.once('error', onError);
      this.#server.listen({ host, port, exclusive: isExclusive }, () => {
        this.#server.off('error', onError);
        resolve({ host, port: portOf(this.#server) });
      });
    });
  }

  /**
   * Goes on for `drainDelayMs`, stops accepting, lets answers under way finish (up to `drainTimeoutMs`), then closes.
   * The node is draining from the first moment on. A second call waits for the first.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#readiness.enter('draining');
    if (this.#server.listening) {
      if (this.#settings.drainDelayMs > 0) await this.#clock.sleep(this.#settings.drainDelayMs);
      await this.#connections.drain(this.#settings);
    }
    await this.#host.close();
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function reasonOf(error: { code?: string; message: string }): string {
  if (error.code === 'EADDRINUSE') return 'the port is taken by another process';
  if (error.code === 'EACCES') return 'not permitted (ports below 1024 need privileges)';
  return error.code ?? error.message;
}

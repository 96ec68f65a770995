/** How one listener treats its connections. */
export interface HttpServerSettings {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Longer than a load balancer's own (nginx: 60 s), so that the balancer is the one that closes idle connections. */
  keepAliveTimeoutMs: number;
  /** From a connection's first byte to the end of the request's head; what stops a client that trickles headers. */
  headersTimeoutMs: number;
  /** To the end of the body. 32 MB, the largest body by default, over a 1 Mbit/s line takes 270 s. */
  requestTimeoutMs: number;
  /** How often connections are looked at for the two timeouts above. */
  connectionsCheckMs: number;
  /** All headers of a request together; JWTs and long cookies fit, floods do not. */
  headerSizeBytesMax: number;
  /** Connections open at once; more are closed at accept. 10,000 WebSockets and 6,000 others. */
  connectionsMax: number;
  /** Whether the port is this process's own, where the main port is shared by the workers of one supervisor. */
  isExclusive: boolean;
  /**
   * At a stop, how long connections are still taken after readiness has gone: a balancer that asks for it needs the
   * time to hear of it. One that does not ask (nginx) is told best by a refused connection, at once.
   */
  drainDelayMs: number;
  /**
   * At a stop, how long idle kept-alive connections may still bring a request (answered with `connection: close`)
   * before they are closed: a balancer that sends just as we close would otherwise lose that request.
   */
  idleGraceMs: number;
  /** At a stop, how long answers under way may take before their connections are cut. */
  drainTimeoutMs: number;
  /** Origins that browsers may call from; `*` for any. */
  corsOrigins: readonly string[];
}

export const defaultHttpServerSettings: HttpServerSettings = {
  host: '127.0.0.1',
  port: 3000,
  keepAliveTimeoutMs: 75_000,
  headersTimeoutMs: 20_000,
  requestTimeoutMs: 330_000,
  connectionsCheckMs: 5_000,
  headerSizeBytesMax: 32 * 1024,
  connectionsMax: 16_000,
  isExclusive: false,
  drainDelayMs: 0,
  idleGraceMs: 1_000,
  drainTimeoutMs: 600_000,
  corsOrigins: ['*'],
};

/** Largest body of a management call, bytes. The largest real one, an account with its key, is under 20 KB. */
export const managementBodySizeBytesMax = 1024 * 1024;

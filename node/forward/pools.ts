import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Pool as UpstreamPool } from 'undici';
import { forwardFaults } from './faults.ts';
import { assertDiallable, guardedLookup } from './guarded-lookup.ts';
import { Pool } from './undici.ts';

export interface PoolOptions {
  connectionsPerOriginMax: number;
  connectTimeoutMs: number;
}

// Providers close idle connections after a minute or more; leaving a little earlier avoids sending into a closed one.
const keepAliveTimeoutMs = 30_000;

// Origins come from accounts, which people make: far fewer than this. The bound keeps a generated flood of accounts
// from holding sockets for ever.
const originsMax = 1024;

/** One bounded connection pool per upstream origin, made at the first request to it. */
export class UpstreamPools {
  readonly #options: PoolOptions;
  readonly #lookup: LookupFunction;
  readonly #pools = new Map<string, UpstreamPool>();
  #isStopped = false;

  /** `lookup` resolves names; what it gives is checked before it is connected to. */
  constructor(options: PoolOptions, lookup: LookupFunction = systemLookup) {
    this.#options = options;
    this.#lookup = guardedLookup(lookup);
  }

  /** Throws `upstream_address_refused` for a literal address that must not be dialled, and `node_stopping` after the stop. */
  get(origin: string): UpstreamPool {
    return this.#pools.get(origin) ?? this.#open(origin);
  }

  /** Closes all connections; requests under way are ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #open(origin: string): UpstreamPool {
    if (this.#isStopped) throw forwardFaults.node_stopping('this node is stopping', { retryAfterMs: 1000 });
    assertDiallable(new URL(origin).hostname);
    if (this.#pools.size >= originsMax) this.#closeOldest();
    const pool = new Pool(origin, {
      connections: this.#options.connectionsPerOriginMax,
      pipelining: 1,
      keepAliveTimeout: keepAliveTimeoutMs,
      allowH2: false,
      connect: { timeout: this.#options.connectTimeoutMs, noDelay: true, lookup: this.#lookup },
    });
    this.#pools.set(origin, pool);
    return pool;
  }

  #closeOldest(): void {
    const [origin, pool] = this.#pools.entries().next().value ?? [];
    if (origin === undefined || pool === undefined) return;
    this.#pools.delete(origin);
    void pool.close();
  }
}

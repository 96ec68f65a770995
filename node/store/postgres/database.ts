import type pg from 'pg';
import { backoffMs } from '../../../kit/backoff.ts';
import type { Clock } from '../../../kit/clock.ts';
import type { Random } from '../../../kit/random.ts';
import type { Secret } from '../../../kit/secret.ts';
import { SingleFlight } from '../../../kit/single-flight.ts';
import { storeFaults } from '../faults.ts';
import { connectionOptions, loadPg, passwordOf } from './connect.ts';
import { isTooSlow, postgresFault, sqlStateOf, sqlStates } from './errors.ts';
import { migratePostgres } from './migration-target.ts';

/** One to write, the others for questions; a server has a hundred for all nodes. */
const connectionsMax = 4;
/** A server that is away is not asked with every call. */
const restAfterFailure = { baseMs: 100, capMs: 5_000 };

export interface DatabaseParts {
  readonly url: Secret;
  readonly clock: Clock;
  readonly random: Random;
}

export type Row = Readonly<Record<string, unknown>>;

/**
 * A PostgreSQL database over a few connections. Connects and migrates with the first statement, and again after the
 * server was away. Rejects with Faults of this room.
 */
export class Database {
  readonly #parts: DatabaseParts;
  readonly #opening = new SingleFlight<'open', pg.Pool>();
  #pool: pg.Pool | undefined;
  #password = '';
  #isMigrated = false;
  #failures = 0;
  #restsUntilMs = Number.NEGATIVE_INFINITY;

  constructor(parts: DatabaseParts) {
    this.#parts = parts;
  }

  /** One statement, which is a transaction by itself. */
  async query(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const pool = await this.#opened();
    try {
      const { rows } = await pool.query<Row>(sql, [...values]);
      return rows;
    } catch (error) {
      // Somebody dropped the tables, or gave the database's name to an empty one.
      if (sqlStateOf(error) === sqlStates.undefinedTable) this.#isMigrated = false;
      throw postgresFault(error, this.#password);
    }
  }

  /** As `query`, for what a person asks: `store_question_slow` where it takes too long. */
  async ask(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return await this.query(sql, values);
    } catch (error) {
      if (!(error instanceof Error) || !isTooSlow(error.cause)) throw error;
      const { cause } = error;
      throw storeFaults.store_question_slow('The question took too long; ask for less at a time.', { cause });
    }
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.end();
  }

  async #opened(): Promise<pg.Pool> {
    if (this.#pool !== undefined && this.#isMigrated) return this.#pool;
    const restMs = this.#restsUntilMs - this.#parts.clock.monotonicMs();
    if (restMs > 0) {
      throw storeFaults.store_unavailable('PostgreSQL could not be reached and is tried again soon.', {
        retryAfterMs: Math.ceil(restMs),
      });
    }
    return this.#opening.run('open', () => this.#open());
  }

  async #open(): Promise<pg.Pool> {
    const { clock, random } = this.#parts;
    try {
      this.#pool ??= await this.#makePool();
      await this.#migrate(this.#pool);
      this.#failures = 0;
      return this.#pool;
    } catch (error) {
      this.#restsUntilMs = clock.monotonicMs() + backoffMs(this.#failures++, restAfterFailure, random);
      throw postgresFault(error, this.#password);
    }
  }

  async #makePool(): Promise<pg.Pool> {
    const { Pool } = await loadPg();
    this.#password = await passwordOf(this.#parts.url);
    const pool = new Pool({ ...connectionOptions(this.#parts.url), max: connectionsMax, allowExitOnIdle: true });
    // Connections that break while nothing is asked, or between two statements: the pool makes others, and who asks
    // next is told if it cannot.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }

  async #migrate(pool: pg.Pool): Promise<void> {
    const client = await pool.connect();
    try {
      await migratePostgres(client, this.#parts.clock.nowMs());
    } catch (error) {
      client.release(true);
      throw error;
    }
    client.release();
    this.#isMigrated = true;
  }
}

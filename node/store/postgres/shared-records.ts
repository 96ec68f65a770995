import type pg from 'pg';
import type { ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import type { Clock } from '../../../kit/clock.ts';
import type { Secret } from '../../../kit/secret.ts';
import { connectionOptions, loadPg, passwordOf } from './connect.ts';
import type { Row } from './database.ts';
import { postgresFault } from './errors.ts';
import { migratePostgres } from './migration-target.ts';
import { encodeId, encodePayload, recordOf } from './shared-record-row.ts';

/** A server that says nothing is given up sooner than by a question: a revoked key is to be heard of. */
const timeoutMs = 5_000;
const pageRows = 200;
const channel = 'aiproxy_records';

/** Where a reader stands, in the order of writes. */
export interface RecordCursor {
  readonly seq: string;
  readonly table: string;
  readonly id: string;
}

export const recordsBeginning: RecordCursor = { seq: '-1', table: '', id: '' };

export interface RecordPage {
  /** What could be read of the page. */
  readonly records: readonly ReplicatedRecord[];
  readonly next: RecordCursor;
  readonly isLast: boolean;
}

export interface SharedRecordsOptions {
  readonly url: Secret;
  readonly clock: Clock;
  readonly tables: readonly string[];
}

/**
 * The table of records in a PostgreSQL that nodes share, over one connection. All methods reject with Faults; after
 * `store_unavailable` the connection is of no use, and another is made by `open`.
 */
export class SharedRecordsConnection {
  readonly #client: pg.Client;
  readonly #password: string;
  readonly #tables: readonly string[];

  /** Connects, migrates where that is needed, and listens. `onNews` is called whenever somebody wrote, and after a loss. */
  static async open(
    { url, clock, tables }: SharedRecordsOptions,
    onNews: () => void,
  ): Promise<SharedRecordsConnection> {
    const { Client } = await loadPg();
    const client = new Client({ ...connectionOptions(url), statement_timeout: timeoutMs, query_timeout: timeoutMs });
    const connection = new SharedRecordsConnection(client, await passwordOf(url), tables);
    client.on('notification', onNews);
    // Whoever asks next is told of the loss.
    client.on('error', onNews);
    client.on('end', onNews);
    try {
      await client.connect();
      await migratePostgres(client, clock.nowMs());
      await client.query(`LISTEN ${channel}`);
      return connection;
    } catch (error) {
      void connection.close();
      throw postgresFault(error, connection.#password);
    }
  }

  private constructor(client: pg.Client, password: string, tables: readonly string[]) {
    this.#client = client;
    this.#password = password;
    this.#tables = tables;
  }

  /** What was written after `cursor`, each record as it is now, in the order of writes. */
  async read(cursor: RecordCursor): Promise<RecordPage> {
    const values = [cursor.seq, cursor.table, cursor.id, this.#tables];
    const rows = await this.#query(readSql, values);
    const last = rows.at(-1);
    return {
      records: rows.map(recordOf).filter((record) => record !== undefined),
      next:
        last === undefined
          ? cursor
          : { seq: String(last['seq']), table: String(last['table_name']), id: String(last['id']) },
      isLast: rows.length < pageRows,
    };
  }

  /** Keeps each that is newer than what is there, and tells the others; once each record at most. */
  async write(records: readonly ReplicatedRecord[]): Promise<void> {
    const columns = [
      records.map(({ table }) => table),
      records.map(({ id }) => encodeId(id)),
      records.map(({ stamp }) => stamp.major),
      records.map(({ stamp }) => stamp.minor),
      records.map(({ writer }) => writer),
      records.map(({ isDeleted }) => isDeleted),
      records.map(({ isDeleted, payload }) => (isDeleted ? null : encodePayload(payload))),
    ];
    await this.#query(writeSql, columns);
  }

  /** Deleted ones that were written before then. */
  async forgetDeleted(beforeMs: number): Promise<void> {
    await this.#query('DELETE FROM records WHERE is_deleted AND major < $1::bigint', [Math.floor(beforeMs)]);
  }

  /** Does not wait for a server that does not answer. */
  async close(): Promise<void> {
    this.#client.removeAllListeners('notification').removeAllListeners('end');
    // A connection that is broken already needs no farewell.
    await this.#client.end().catch(() => undefined);
  }

  async #query(sql: string, values: unknown[]): Promise<Row[]> {
    try {
      return (await this.#client.query<Row>(sql, values)).rows;
    } catch (error) {
      throw postgresFault(error, this.#password);
    }
  }
}

const readSql = `
  SELECT table_name, id, major, minor, writer, is_deleted, payload, seq FROM records
  WHERE (seq, table_name, id) > ($1::bigint, $2::text, $3::text) AND table_name = ANY ($4::text[])
  ORDER BY seq, table_name, id LIMIT ${pageRows}`;

/**
 * Nothing where all is known already, so that no others are woken. The row of the sequence is locked from then until all
 * is visible; the conditions are looked at again after that.
 */
const writeSql = `
  WITH given AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::boolean[], $7::text[])
      AS given (table_name, id, major, minor, writer, is_deleted, payload)
  ), newer AS (
    SELECT given.* FROM given LEFT JOIN records USING (table_name, id)
    WHERE records.id IS NULL
      OR (given.major, given.minor, given.writer COLLATE "C") > (records.major, records.minor, records.writer)
  ), next AS (
    UPDATE record_sequence SET value = value + 1 WHERE id = 1 AND EXISTS (SELECT FROM newer) RETURNING value
  ), written AS (
    INSERT INTO records (table_name, id, major, minor, writer, is_deleted, payload, seq)
    SELECT newer.*, next.value FROM newer, next ORDER BY table_name, id
    ON CONFLICT (table_name, id) DO UPDATE SET
      major = excluded.major, minor = excluded.minor, writer = excluded.writer,
      is_deleted = excluded.is_deleted, payload = excluded.payload, seq = excluded.seq
    WHERE (excluded.major, excluded.minor, excluded.writer) > (records.major, records.minor, records.writer)
  )
  SELECT pg_notify('${channel}', '') FROM next`;

import type pg from 'pg';
import { migrate, migrationsTable, type AppliedMigration, type MigrationTarget } from '../migrate.ts';
import { migrations } from '../migrations/all.ts';

/** Any number that nobody else locks in this database: "aiproxy" in ASCII. */
const migrationLock = '27419914823170169';

/** A step over a large table takes as long as it takes; nodes that wait for it meanwhile do without the store. */
const migrationTimeoutMs = 1_800_000;

export type Connected = Pick<pg.ClientBase, 'query'>;

/** Brings the database to the newest version over one connection. Throws as `migrate` does, and what the server says. */
export function migratePostgres(client: Connected, nowMs: number): Promise<void> {
  return migrate(migrationTargetOf(client), migrations, nowMs);
}

function migrationTargetOf(client: Connected): MigrationTarget {
  return {
    dialect: 'postgres',
    async exclusively(work) {
      await client.query('SELECT pg_advisory_lock($1::bigint)', [migrationLock]);
      try {
        await work();
      } finally {
        // A connection that is gone has let go of it by that.
        await client.query('SELECT pg_advisory_unlock($1::bigint)', [migrationLock]);
      }
    },
    async applied() {
      // A user that may only read and write has no right to create, also where there is nothing to be created.
      const { rows } = await client.query<{ name: string | null }>("SELECT to_regclass('migrations')::text AS name");
      if (rows[0]?.name === null) await client.query(migrationsTable);
      return readApplied(client);
    },
    async apply(sql, { version, name, checksum, appliedAtMs }) {
      await inTransaction(client, async () => {
        await client.query(`SET LOCAL statement_timeout = ${migrationTimeoutMs}`);
        await run(client, sql);
        await client.query('INSERT INTO migrations VALUES ($1, $2, $3, $4)', [version, name, checksum, appliedAtMs]);
      });
    },
  };
}

async function readApplied(client: Connected): Promise<AppliedMigration[]> {
  const { rows } = await client.query<Record<string, unknown>>(
    'SELECT version, name, checksum, applied_at FROM migrations ORDER BY version',
  );
  return rows.map(({ version, name, checksum, applied_at }) => ({
    version: Number(version),
    name: String(name),
    checksum: String(checksum),
    appliedAtMs: Number(applied_at),
  }));
}

async function run(client: Connected, sql: string): Promise<void> {
  await client.query({ text: sql, query_timeout: migrationTimeoutMs } as pg.QueryConfig);
}

async function inTransaction(client: Connected, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    // What went wrong is told by the first error; a connection that cannot roll back is gone, and the server does it.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

import type { DatabaseSync } from 'node:sqlite';
import { migrationsTable, type AppliedMigration, type MigrationTarget } from '../migrate.ts';

/** A SQLite database as `migrate` wants it. */
export function migrationTargetOf(database: DatabaseSync): MigrationTarget {
  return {
    dialect: 'sqlite',
    // The data folder belongs to one process.
    exclusively: (work) => work(),
    async applied() {
      database.exec(migrationsTable);
      return readApplied(database);
    },
    async apply(sql, { version, name, checksum, appliedAtMs }) {
      inTransaction(database, () => {
        database.exec(sql);
        database.prepare('INSERT INTO migrations VALUES (?, ?, ?, ?)').run(version, name, checksum, appliedAtMs);
      });
    },
  };
}

/** Rows of the table of migrations, which must be there. */
export function readApplied(database: DatabaseSync): AppliedMigration[] {
  const rows = database.prepare('SELECT version, name, checksum, applied_at FROM migrations ORDER BY version').all();
  return rows.map(({ version, name, checksum, applied_at }) => ({
    version: Number(version),
    name: String(name),
    checksum: String(checksum),
    appliedAtMs: Number(applied_at),
  }));
}

/** All of it or nothing. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

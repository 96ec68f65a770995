import { createHash } from 'node:crypto';
import { storeFaults } from './faults.ts';

export type Dialect = 'sqlite' | 'postgres';

/** One step of the schema. Once released it never changes: what is to be different is a further step. */
export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  /** Statements for each database; run in one transaction with the row that says so. */
  readonly sql: Readonly<Record<Dialect, string>>;
}

/** A row of the table `migrations`. */
export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly appliedAtMs: number;
}

/** What a database does for `migrate`. */
export interface MigrationTarget {
  readonly dialect: Dialect;
  /** Runs `work` while no other process migrates this database. */
  exclusively(work: () => Promise<void>): Promise<void>;
  /** Makes the table by `migrationsTable` if it is missing, and reads it in the order of versions. */
  applied(): Promise<readonly AppliedMigration[]>;
  /** Runs the statements and adds the row, in one transaction. */
  apply(sql: string, row: AppliedMigration): Promise<void>;
}

/** The table of what was applied, the same in both. */
export const migrationsTable = `
  CREATE TABLE IF NOT EXISTS migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at BIGINT NOT NULL
  )`;

/**
 * Brings a database to the newest version: checks every migration that was applied, then applies those that are missing,
 * each in its own transaction. Throws a Fault and changes nothing: `migration_changed` where one that was applied is not
 * the one that is known, `usage_store_newer` where the database has one that is not known.
 */
export function migrate(target: MigrationTarget, migrations: readonly Migration[], nowMs: number): Promise<void> {
  return target.exclusively(async () => {
    const applied = await target.applied();
    checkApplied(applied, migrations, target.dialect);
    for (const migration of migrations.slice(applied.length)) {
      await target.apply(migration.sql[target.dialect], rowOf(migration, target.dialect, nowMs));
    }
  });
}

/** Whether all of them are applied; throws as `migrate` does. For who may only read. */
export function isMigrated(
  applied: readonly AppliedMigration[],
  migrations: readonly Migration[],
  dialect: Dialect,
): boolean {
  checkApplied(applied, migrations, dialect);
  return applied.length === migrations.length;
}

function checkApplied(applied: readonly AppliedMigration[], migrations: readonly Migration[], dialect: Dialect): void {
  for (const [index, { version, name, checksum }] of applied.entries()) {
    const known = migrations[index];
    if (known === undefined) {
      throw storeFaults.usage_store_newer(
        `The store of traces has version ${version}; this one knows up to ${migrations.length}.`,
      );
    }
    if (known.version !== version || known.name !== name || checksumOf(known, dialect) !== checksum) {
      throw storeFaults.migration_changed(
        `The store of traces was made by a migration ${version} (${name}) that is not the one of this version.`,
      );
    }
  }
}

function rowOf(migration: Migration, dialect: Dialect, appliedAtMs: number): AppliedMigration {
  const { version, name } = migration;
  return { version, name, checksum: checksumOf(migration, dialect), appliedAtMs: Math.floor(appliedAtMs) };
}

/** SHA-256 of the statements, in hex. */
export function checksumOf(migration: Migration, dialect: Dialect): string {
  return createHash('sha256').update(migration.sql[dialect]).digest('hex');
}

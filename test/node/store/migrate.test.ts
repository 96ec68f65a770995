import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { checksumOf, migrate, type Migration } from '../../../node/store/migrate.ts';
import { migrations } from '../../../node/store/migrations/all.ts';
import { migrationTargetOf, readApplied } from '../../../node/store/sqlite/migration-target.ts';

const step = (version: number, sql: string): Migration => ({
  version,
  name: `step-${version}`,
  sql: { sqlite: sql, postgres: '' },
});

const one = step(1, 'CREATE TABLE one (id INTEGER); INSERT INTO one VALUES (1)');
const two = step(2, 'CREATE TABLE two (id INTEGER); INSERT INTO one VALUES (2)');

let database: DatabaseSync;

beforeEach(() => {
  database = new DatabaseSync(':memory:');
});

const run = (steps: readonly Migration[], nowMs = 1_000) => migrate(migrationTargetOf(database), steps, nowMs);
const rows = (sql: string) => database.prepare(sql).all();

describe('migrations', () => {
  it('are applied once each, in their order', async () => {
    await run([one], 1_000);
    await run([one, two], 2_000);
    await run([one, two], 3_000);
    expect(rows('SELECT id FROM one')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(readApplied(database)).toEqual([
      { version: 1, name: 'step-1', checksum: checksumOf(one, 'sqlite'), appliedAtMs: 1_000 },
      { version: 2, name: 'step-2', checksum: checksumOf(two, 'sqlite'), appliedAtMs: 2_000 },
    ]);
  });

  it('are applied as a whole or not at all', async () => {
    const broken = step(2, 'CREATE TABLE two (id INTEGER); INSERT INTO nowhere VALUES (2)');
    await expect(run([one, broken])).rejects.toThrow('nowhere');
    expect(readApplied(database)).toHaveLength(1);
    await run([one, two]);
    expect(rows('SELECT id FROM two')).toEqual([]);
  });

  it('that have changed since are told, and nothing is applied', async () => {
    await run([one]);
    const changed = step(1, 'CREATE TABLE one (id TEXT)');
    await expect(run([changed, two])).rejects.toMatchObject({ code: 'migration_changed' });
    await expect(run([{ ...one, name: 'other' }, two])).rejects.toMatchObject({ code: 'migration_changed' });
    expect(readApplied(database)).toHaveLength(1);
  });

  it('of a newer version are told, and nothing is applied', async () => {
    await run([one, two]);
    await expect(run([one])).rejects.toMatchObject({ code: 'usage_store_newer' });
  });

  it('of the product are numbered without gaps', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  });
});

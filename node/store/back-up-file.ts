import { DatabaseSync } from 'node:sqlite';
import { backUp } from './back-up.ts';
import { storeFaults } from './faults.ts';
import { errcodeOf, sqliteCodes } from './sqlite-errors.ts';

/** A node that runs keeps its records locked for as long as it does. */
const busyTimeoutMs = 500;

/**
 * Copies a database of a node that does not run into a new file. Throws Faults: `record_store_in_use` where a process has
 * it locked, `backup_exists`; and what SQLite throws.
 */
export async function backUpFile(path: string, target: string): Promise<void> {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  try {
    database.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
    await backUp(database, target);
  } catch (error) {
    if (errcodeOf(error) !== sqliteCodes.busy) throw error;
    throw storeFaults.record_store_in_use(`Another process has ${path} open.`, { cause: error });
  } finally {
    database.close();
  }
}

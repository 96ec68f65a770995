import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, type DatabaseSync } from 'node:sqlite';
import { storeFaults } from './faults.ts';

/** A megabyte: the connection is locked for one step at a time. */
const pagesPerStep = 256;

/**
 * Copies an open database into a new file, readable by its owner only, as it is at one moment; the copying runs on
 * another thread. Under the new name there is a whole copy or nothing. Throws a Fault, `backup_exists` or `record_store_closed`, and
 * what SQLite and the file system throw.
 *
 * What another connection writes meanwhile makes the copying start over, unless the given one holds a transaction.
 */
export async function backUp(database: DatabaseSync, path: string): Promise<void> {
  if (existsSync(path)) throw storeFaults.backup_exists(`${path} exists already.`);
  const partial = `${path}.partial`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(partial, { force: true });
  closeSync(openSync(partial, 'wx', 0o600));
  try {
    await backup(database, partial, { rate: pagesPerStep });
    // A database that is closed meanwhile ends its copies without an error.
    if (!database.isOpen) throw storeFaults.record_store_closed('The database was closed while it was copied.');
    renameSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
}

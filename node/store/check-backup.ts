import { DatabaseSync } from 'node:sqlite';
import { storeFaults } from './faults.ts';
import { isDamage } from './sqlite-errors.ts';

/**
 * Reads all of a copy that nobody else has open. Throws the Fault `backup_damaged` where it is no sound database, and what
 * the file system throws.
 */
export function checkBackup(path: string): void {
  const found = complaintOf(path);
  if (found !== 'ok') throw storeFaults.backup_damaged(`${path}: ${found}`);
}

function complaintOf(path: string): string {
  // Not read-only: that would leave the empty journals behind that it makes.
  const database = new DatabaseSync(path);
  try {
    // Its first complaint is enough.
    return String(database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check']);
  } catch (error) {
    if (isDamage(error)) return (error as Error).message;
    throw error;
  } finally {
    database.close();
  }
}

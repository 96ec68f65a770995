import { DatabaseSync } from 'node:sqlite';

/** Another program may hold the file for a moment; the caller waits, so no longer than this. */
const busyTimeoutMs = 500;

/** A value is a small JSON document; what is longer is something else and is passed over. */
const valueLengthMax = 1_048_576;

/**
 * Reads texts by their keys out of a table `key, value` of another program's SQLite file, without changing the file;
 * keys that are not there are left out. Throws what SQLite throws, and a TypeError for a table that is no plain name.
 */
export function readKeyValues(path: string, table: string, keys: readonly string[]): Map<string, string> {
  if (!/^[A-Za-z_]\w*$/.test(table)) throw new TypeError(`${table} is not the name of a table`);
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  try {
    const find = database.prepare(
      `SELECT CAST(value AS TEXT) AS value FROM "${table}" WHERE key = ? AND length(value) <= ?`,
    );
    const found = new Map<string, string>();
    for (const key of keys) {
      const value = find.get(key, valueLengthMax)?.['value'];
      if (typeof value === 'string') found.set(key, value);
    }
    return found;
  } finally {
    database.close();
  }
}

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { ReplicatedRecord } from '../../cluster/replicated/contract.ts';
import { backUp } from './back-up.ts';
import { makePrivateFile } from './database-file.ts';
import { storeFaults } from './faults.ts';
import { errcodeOf, sqliteCodes } from './sqlite-errors.ts';

const schemaVersion = 1;

/**
 * Exclusive: a second process is refused, and no shared-memory file is needed. FULL: a commit is on the disk before it
 * is told, as a token that a provider has already exchanged must be; records change seldom enough for an fsync each.
 */
const pragmas = 'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;';

const schema = `
  CREATE TABLE records (
    table_name TEXT NOT NULL,
    id TEXT NOT NULL,
    major INTEGER NOT NULL,
    minor INTEGER NOT NULL,
    writer TEXT NOT NULL,
    is_deleted INTEGER NOT NULL,
    payload BLOB,
    PRIMARY KEY (table_name, id)
  ) STRICT;
  PRAGMA user_version = ${schemaVersion};`;

export interface RecordChange {
  readonly record: ReplicatedRecord;
  readonly isForgotten: boolean;
}

/**
 * One SQLite file of records, open and locked. Payloads are kept in V8's structured-clone format, which is stable on
 * disk and faithful to bytes, unlike JSON. Every method throws what SQLite throws.
 */
export class RecordFile {
  readonly #database: DatabaseSync;
  readonly #save: StatementSync;
  readonly #forget: StatementSync;

  /** Makes the file, readable by its owner only, or opens it. Throws a Fault: `record_store_in_use`, `record_store_newer`. */
  constructor(path: string) {
    makePrivateFile(path);
    this.#database = new DatabaseSync(path);
    try {
      prepare(this.#database);
      this.#save = this.#database.prepare('INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?)');
      this.#forget = this.#database.prepare(
        'DELETE FROM records WHERE table_name = ? AND id = ? AND major = ? AND minor = ?',
      );
    } catch (error) {
      this.#database.close();
      throw errcodeOf(error) === sqliteCodes.busy ? inUse(path, error) : error;
    }
  }

  /** All records; rows that cannot be read are counted and left alone. */
  read(): { records: ReplicatedRecord[]; unreadableCount: number } {
    return readAll(this.#database);
  }

  /** All of it or nothing. */
  write(changes: readonly RecordChange[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const change of changes) this.#apply(change);
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** A copy as it is at one moment, in a new file. Throws the Fault `backup_exists`. */
  backupTo(path: string): Promise<void> {
    return backUp(this.#database, path);
  }

  close(): void {
    this.#database.close();
  }

  #apply({ record, isForgotten }: RecordChange): void {
    const { table, id, stamp, writer, isDeleted, payload } = record;
    if (isForgotten) this.#forget.run(table, id, stamp.major, stamp.minor);
    else
      this.#save.run(
        table,
        id,
        stamp.major,
        stamp.minor,
        writer,
        isDeleted ? 1 : 0,
        isDeleted ? null : serialize(payload),
      );
  }
}

/** What a file holds that cannot be opened for writing; without what a journal beside it may add. */
export function readRecordFile(path: string): ReplicatedRecord[] {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  const database = new DatabaseSync(url, { readOnly: true });
  try {
    return readAll(database).records;
  } finally {
    database.close();
  }
}

function prepare(database: DatabaseSync): void {
  database.exec(pragmas);
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  if (typeof version === 'number' && version > schemaVersion) {
    throw storeFaults.record_store_newer(
      `The data folder has format ${version}; this version knows up to ${schemaVersion}.`,
    );
  }
  // Takes the lock, so that a second process is told at its start.
  database.exec('BEGIN IMMEDIATE');
  if (version === 0) database.exec(schema);
  database.exec('COMMIT');
}

function readAll(database: DatabaseSync): { records: ReplicatedRecord[]; unreadableCount: number } {
  const records: ReplicatedRecord[] = [];
  let unreadableCount = 0;
  for (const row of database.prepare('SELECT * FROM records').iterate()) {
    const record = recordOf(row);
    if (record === undefined) unreadableCount++;
    else records.push(record);
  }
  return { records, unreadableCount };
}

function recordOf(row: Readonly<Record<string, unknown>>): ReplicatedRecord | undefined {
  const { table_name, id, major, minor, writer, is_deleted, payload } = row;
  const isDeleted = is_deleted === 1;
  const content = isDeleted ? undefined : payloadOf(payload);
  if (!isDeleted && content === undefined) return undefined;
  return {
    table: String(table_name),
    id: String(id),
    stamp: { major: Number(major), minor: Number(minor) },
    writer: String(writer),
    isDeleted,
    payload: content,
  };
}

/** Undefined for bytes that are no value: V8 throws for those. */
function payloadOf(bytes: unknown): unknown {
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    return deserialize(bytes);
  } catch {
    // The caller counts the record as unreadable; V8's words do not say which one it is.
    return undefined;
  }
}

function inUse(path: string, cause: unknown): Error {
  return storeFaults.record_store_in_use(`Another process has ${path} open.`, { cause });
}

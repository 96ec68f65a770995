import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordStore, ReplicatedRecord } from '../../cluster/replicated/contract.ts';
import { systemClock, type Clock, type Timer } from '../../kit/clock.ts';
import { isFault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import { moveAside } from './database-file.ts';
import { storeFaults } from './faults.ts';
import { readRecordFile, RecordFile, type RecordChange } from './record-file.ts';
import { isDamage } from './sqlite-errors.ts';

export interface OpenedRecordStore {
  readonly kept: ReplicatedRecord[];
  readonly store: RecordStore;
  /**
   * Copies what is kept at one moment into a new file, while saving goes on. Rejects with a Fault: `backup_exists`,
   * `record_store_closed` where the file is not open.
   */
  backupTo(path: string): Promise<void>;
  /** Writes what waits, and closes the file; not while a copy is made. */
  close(): void;
}

const fileName = 'records.sqlite';

/**
 * Opens `records.sqlite` in a folder, which is made where it is missing. Throws a Fault when another process has it open
 * (`record_store_in_use`) or a newer version wrote it (`record_store_newer`).
 *
 * A file that is no database any more is moved aside, and the node starts without: the others have the records and will
 * give them, and a node that does not start helps nobody; the file stays for a person to look at. A disk that cannot be
 * written does not keep the node from starting either: each write fails with its reason and tries to open the file again.
 */
export function openRecordStore(folder: string, log: Log, clock: Clock = systemClock): OpenedRecordStore {
  const store = new SqliteRecordStore(join(folder, fileName), log, clock);
  return { kept: store.open(), store, backupTo: (path) => store.backupTo(path), close: () => store.close() };
}

interface Batch {
  readonly changes: readonly RecordChange[];
  readonly done: (error?: unknown) => void;
}

/** After a commit the event loop has the node for nine times as long, so that a slow disk costs a tenth at most … */
const restFactor = 9;
/** … but what waits does not wait for longer than this. */
const restMsMax = 500;

class SqliteRecordStore implements RecordStore {
  readonly #path: string;
  readonly #log: Log;
  readonly #clock: Clock;
  #file: RecordFile | undefined;
  #queue: Batch[] = [];
  #timer: Timer | undefined;
  #restsUntilMs = 0;
  #isClosed = false;

  constructor(path: string, log: Log, clock: Clock) {
    this.#path = path;
    this.#log = log;
    this.#clock = clock;
  }

  open(): ReplicatedRecord[] {
    try {
      return this.#openAndRead();
    } catch (error) {
      if (isFault(error)) throw error;
      this.#log.error('The file of records cannot be written.', { path: this.#path, error });
      return this.#readOnly();
    }
  }

  save(records: readonly ReplicatedRecord[], done: (error?: unknown) => void): void {
    this.#add(records, false, done);
  }

  forget(records: readonly ReplicatedRecord[], done: (error?: unknown) => void): void {
    this.#add(records, true, done);
  }

  async backupTo(path: string): Promise<void> {
    // What waits for the disk was told to callers as done.
    if (!this.#isClosed) this.#flush();
    if (this.#file === undefined || this.#isClosed) {
      throw storeFaults.record_store_closed('The file of records is not open.');
    }
    await this.#file.backupTo(path);
  }

  close(): void {
    if (this.#isClosed) return;
    // Whoever hears that something is written may have more.
    while (this.#queue.length > 0) this.#flush();
    this.#timer?.cancel();
    this.#isClosed = true;
    this.#file?.close();
  }

  #add(records: readonly ReplicatedRecord[], isForgotten: boolean, done: (error?: unknown) => void): void {
    if (this.#isClosed) {
      done(storeFaults.record_store_closed('The file of records is closed.'));
      return;
    }
    this.#queue.push({ changes: records.map((record) => ({ record, isForgotten })), done });
    this.#timer ??= this.#clock.after(Math.max(0, this.#restsUntilMs - this.#clock.monotonicMs()), () => this.#flush());
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const queue = this.#queue;
    if (queue.length === 0) return;
    this.#queue = [];
    const startMs = this.#clock.monotonicMs();
    const error = this.#write(queue.flatMap(({ changes }) => changes));
    const endMs = this.#clock.monotonicMs();
    this.#restsUntilMs = endMs + Math.min(restMsMax, (endMs - startMs) * restFactor);
    for (const { done } of queue) done(error);
  }

  /** The error, if there is one; the file is opened again before the next write then. */
  #write(changes: readonly RecordChange[]): unknown {
    try {
      this.#file ??= this.#reopen();
      this.#file.write(changes);
      return undefined;
    } catch (error) {
      this.#discard();
      return error;
    }
  }

  #discard(): void {
    try {
      this.#file?.close();
    } catch (error) {
      this.#log.warn('The file of records could not be closed.', { path: this.#path, error });
    }
    this.#file = undefined;
  }

  #reopen(): RecordFile {
    this.#openAndRead();
    return this.#file as RecordFile;
  }

  #openAndRead(): ReplicatedRecord[] {
    try {
      return this.#tryOpen();
    } catch (error) {
      this.#discard();
      if (!isDamage(error)) throw error;
      this.#moveAside(error);
      return this.#tryOpen();
    }
  }

  #tryOpen(): ReplicatedRecord[] {
    this.#file = new RecordFile(this.#path);
    const { records, unreadableCount } = this.#file.read();
    if (unreadableCount > 0) this.#log.warn('Records on disk cannot be read.', { path: this.#path, unreadableCount });
    return records;
  }

  #moveAside(error: unknown): void {
    const aside = moveAside(this.#path, this.#clock.nowMs());
    this.#log.error('The file of records is damaged. It is moved aside, and the node starts without it.', {
      aside,
      error,
    });
  }

  #readOnly(): ReplicatedRecord[] {
    if (!existsSync(this.#path)) return [];
    try {
      return readRecordFile(this.#path);
    } catch (error) {
      this.#log.error('The file of records cannot be read either.', { path: this.#path, error });
      return [];
    }
  }
}

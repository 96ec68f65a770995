import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach } from 'vitest';
import { systemClock, type Clock } from '../../../kit/clock.ts';
import { createLog } from '../../../kit/log.ts';
import { seededRandom } from '../../../kit/random.ts';
import { openSqliteUsageStore, type SqliteUsageStore } from '../../../node/store/sqlite/usage-store.ts';
import { startLineProcess, type LineProcess } from './line-process.ts';

const writer = join(import.meta.dirname, 'write-usage.ts');

/** A folder for a store on SQLite: new for each test, and empty of files, threads and processes after it. */
export class UsageFolder {
  path = '';
  /** What the log said. */
  readonly lines: string[] = [];
  readonly log = createLog({ level: 'info', destination: { write: (line) => this.lines.push(line) } });
  readonly #stores: SqliteUsageStore[] = [];
  readonly #children: ChildProcess[] = [];

  constructor() {
    beforeEach(() => {
      this.path = mkdtempSync(join(tmpdir(), 'aiproxy-usage-'));
      this.lines.length = 0;
    });
    afterEach(async () => {
      for (const child of this.#children.splice(0)) child.kill('SIGKILL');
      for (const store of this.#stores.splice(0)) await store.close();
      rmSync(this.path, { recursive: true, force: true });
    });
  }

  get file(): string {
    return join(this.path, 'usage.sqlite');
  }

  get said(): string {
    return this.lines.join('');
  }

  open(clock: Clock = systemClock, options: { folder?: string; questionTimeoutMs?: number } = {}): SqliteUsageStore {
    const store = openSqliteUsageStore(
      { clock, random: seededRandom(1), log: this.log },
      { folder: this.path, ...options },
    );
    this.#stores.push(store);
    return store;
  }

  /** Opens, does something, closes. */
  async once<T>(use: (store: SqliteUsageStore) => Promise<T>): Promise<T> {
    const store = this.open();
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  }

  /** Changes the file as another program would. */
  change(sql: string): void {
    const database = new DatabaseSync(this.file);
    database.exec(sql);
    database.close();
  }

  read(sql: string, file = this.file): Record<string, unknown>[] {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      return database.prepare(sql).all();
    } finally {
      database.close();
    }
  }

  /** Starts a process that writes batches of `size` traces. */
  startWriter(args: readonly string[], shell = ''): LineProcess {
    const started = startLineProcess(writer, [this.path, ...args], shell);
    this.#children.push(started.child);
    return started;
  }
}

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { KeptPrompt, StoreBatch, TraceGroup, UsageCell, UsageCounts } from '../contract.ts';
import { makePrivateFile } from '../database-file.ts';
import { migrate } from '../migrate.ts';
import { migrations } from '../migrations/all.ts';
import { storableGroups } from '../trace-groups.ts';
import { traceFormat } from '../trace-row.ts';
import { storableCell, wholeDay } from '../usage-rows.ts';
import { inTransaction, migrationTargetOf } from './migration-target.ts';

/** How long another program that looks into the file may hold up a write. */
const busyTimeoutMs = 5_000;

/**
 * WAL: readers see what was, while this connection writes. NORMAL: a commit that was told survives the process but may
 * be lost with the power; the file is never damaged by it. Incremental: what pruning frees is given back step by step.
 * 8 MiB of cache; a journal grows to 16 MiB between checkpoints, so that pages which change often are copied seldom.
 */
const pragmas = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA cache_size = -8192;
  PRAGMA wal_autocheckpoint = 4096;
  PRAGMA journal_size_limit = 16777216;`;

/** Columns of sums, in the order of the tables. */
export const usageCounts = [
  'requests',
  'errors',
  'prompt_tokens',
  'completion_tokens',
  'cache_creation_tokens',
  'cache_read_tokens',
  'cost_nano',
  'estimated',
];

const addTo = (table: string) => `
  INSERT INTO ${table} VALUES (${Array.from({ length: 7 + usageCounts.length }, () => '?').join(', ')})
  ON CONFLICT DO UPDATE SET ${usageCounts.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`;

/** `usage.sqlite`, open for writing: the one connection that writes. Methods throw what SQLite throws. */
export class UsageFile {
  readonly database: DatabaseSync;
  readonly #addBatch: StatementSync;
  readonly #addGroup: StatementSync;
  readonly #addHour: StatementSync;
  readonly #addDay: StatementSync;
  readonly #putPrompt: StatementSync;
  readonly #addTotal: StatementSync;

  /** Makes the file or opens it, and brings it to the newest version. Throws a Fault as `migrate` does. */
  static async open(path: string, nowMs: number): Promise<UsageFile> {
    makePrivateFile(path);
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      database.exec(pragmas);
      await migrate(migrationTargetOf(database), migrations, nowMs);
      return new UsageFile(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  private constructor(database: DatabaseSync) {
    this.database = database;
    this.#addBatch = database.prepare('INSERT INTO batches VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#addGroup = database.prepare(
      'INSERT INTO trace_groups (node, key, from_ms, to_ms, count, format, rows) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#addHour = database.prepare(addTo('usage_hours'));
    this.#addDay = database.prepare(addTo('usage_days'));
    this.#putPrompt = database.prepare('INSERT OR REPLACE INTO prompts VALUES (?, ?, ?, ?)');
    this.#addTotal = database.prepare("UPDATE totals SET value = value + ? WHERE name = 'traces'");
  }

  /** All of it or nothing; nothing for a batch that was written before. */
  write(batch: StoreBatch, nowMs: number): void {
    inTransaction(this.database, () => {
      if (this.#addBatch.run(batch.id, Math.floor(nowMs)).changes === 0) return;
      this.#addTotal.run(this.#addGroups(batch));
      for (const given of batch.usage) {
        const cell = storableCell(given);
        addCell(this.#addHour, cell.hourMs, batch.node, cell);
        addCell(this.#addDay, wholeDay(cell.hourMs), batch.node, cell);
      }
      for (const prompt of batch.prompts) this.#addPrompt(prompt);
    });
  }

  close(): void {
    this.database.close();
  }

  #addGroups({ node, groups }: StoreBatch): number {
    let traces = 0;
    for (const given of groups) {
      for (const group of storableGroups(given)) {
        this.#insertGroup(node, group);
        traces += group.count;
      }
    }
    return traces;
  }

  #insertGroup(node: string, { key, fromMs, toMs, count, rows }: TraceGroup): void {
    this.#addGroup.run(node, key, Math.floor(fromMs), Math.floor(toMs), count, traceFormat, rows);
  }

  #addPrompt({ requestId, key, expiresAtMs, content }: KeptPrompt): void {
    this.#putPrompt.run(requestId, key, Math.floor(expiresAtMs), content);
  }
}

function addCell(statement: StatementSync, timeMs: number, node: string, cell: UsageCell & UsageCounts): void {
  statement.run(
    timeMs,
    node,
    cell.key,
    cell.user,
    cell.account,
    cell.model,
    cell.currency,
    cell.requests,
    cell.errors,
    cell.promptTokens,
    cell.completionTokens,
    cell.cacheCreationTokens,
    cell.cacheReadTokens,
    cell.costNano,
    cell.estimated,
  );
}

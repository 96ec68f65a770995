import { statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { backUp } from '../back-up.ts';
import type { KeptPrompt, KeySum, Trace, TraceQuery, UsageQuery, UsageRow } from '../contract.ts';
import { findTrace } from '../find-trace.ts';
import { isMigrated } from '../migrate.ts';
import { migrations } from '../migrations/all.ts';
import { readTraces, type GroupQuery, type Patience, type StoredGroup } from '../read-traces.ts';
import { keySumsOf, sumsSql, usageRowsOf, usageSql, wholeDay, wholeHour } from '../usage-rows.ts';
import { readApplied } from './migration-target.ts';

const busyTimeoutMs = 5_000;
/** A page of groups, however few traces they hold. */
const pageGroupsMax = 4_096;

const place = () => '?';

/** `usage.sqlite`, open for questions. Methods throw what SQLite throws. */
export class UsageReader {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #sumsOfHours: StatementSync;
  readonly #sumsOfDays: StatementSync;
  readonly #prompt: StatementSync;
  readonly #total: StatementSync;
  /** Called between pages of a long question, to let others in. */
  readonly #pause: () => Promise<void>;

  /** Throws a Fault as `migrate` does, and an Error where the file was never written. */
  constructor(path: string, pause: () => Promise<void>) {
    this.#path = path;
    this.#pause = pause;
    this.#database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
    try {
      if (!isMigrated(readApplied(this.#database), migrations, 'sqlite'))
        throw new Error(`${path} is of an older version.`);
      this.#sumsOfHours = this.#database.prepare(sumsSql(place));
      this.#sumsOfDays = this.#database.prepare(sumsSql(place, 'usage_days'));
      this.#prompt = this.#database.prepare('SELECT * FROM prompts WHERE request_id = ?');
      this.#total = this.#database.prepare("SELECT value FROM totals WHERE name = 'traces'");
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  usage(query: UsageQuery): UsageRow[] {
    const { sql, values } = usageSql(query, place, true);
    return usageRowsOf(query.groupBy, this.#database.prepare(sql).all(...values));
  }

  traces(query: TraceQuery, patience: Patience): Promise<Trace[]> {
    return readTraces((groups) => this.#groups(groups), query, patience);
  }

  trace(requestId: string, patience: Patience): Promise<Trace | undefined> {
    return findTrace((groups) => this.#groups(groups), requestId, patience);
  }

  prompt(requestId: string): KeptPrompt | undefined {
    const row = this.#prompt.get(requestId);
    if (row === undefined || !(row['content'] instanceof Uint8Array)) return undefined;
    return { requestId, key: String(row['key']), expiresAtMs: Number(row['expires_at']), content: row['content'] };
  }

  sums(node: string, fromMs: number): KeySum[] {
    const hour = wholeHour(fromMs);
    // Budgets begin with a day.
    const statement = hour === wholeDay(hour) ? this.#sumsOfDays : this.#sumsOfHours;
    return keySumsOf(statement.all(node, hour));
  }

  size(): { bytes: number; traces: number } {
    const bytes = ['', '-wal'].map((suffix) => statSync(this.#path + suffix, { throwIfNoEntry: false })?.size ?? 0);
    return { bytes: bytes.reduce((sum, size) => sum + size, 0), traces: Number(this.#total.get()?.['value']) };
  }

  /** A connection of its own, whose transaction keeps what is written meanwhile out of the copy. */
  async backupTo(path: string): Promise<void> {
    const database = new DatabaseSync(this.#path, { readOnly: true, timeout: busyTimeoutMs });
    try {
      database.exec('BEGIN; SELECT value FROM totals');
      await backUp(database, path);
    } finally {
      database.close();
    }
  }

  close(): void {
    this.#database.close();
  }

  async #groups(query: GroupQuery): Promise<StoredGroup[]> {
    await this.#pause();
    const { sql, values } = groupsSql(query);
    const groups: StoredGroup[] = [];
    let traces = 0;
    for (const row of this.#database.prepare(sql).iterate(...values)) {
      groups.push({
        id: Number(row['id']),
        key: String(row['key']),
        node: String(row['node']),
        toMs: Number(row['to_ms']),
        rows: typeof row['rows'] === 'string' ? row['rows'] : null,
      });
      traces += Number(row['count']);
      if (traces >= query.tracesMax) break;
    }
    return groups;
  }
}

/** Walks one of the two indexes backwards; what both hold keeps groups out that begin too late. */
function groupsSql(query: GroupQuery): { sql: string; values: (string | number)[] } {
  const { key, beginByMs, endFromMs, endToMs, texts, after } = query;
  const rows =
    texts.length === 0 ? 'rows' : `CASE WHEN ${texts.map(() => 'instr(rows, ?)').join(' AND ')} THEN rows END`;
  const values: (string | number)[] = [...texts, endFromMs, after?.toMs ?? endToMs, beginByMs];
  let where = 'to_ms >= ? AND to_ms <= ? AND from_ms <= ?';
  if (after !== undefined) {
    where += ' AND (to_ms, id) < (?, ?)';
    values.push(after.toMs, after.id);
  }
  if (key !== undefined) {
    where += ' AND key = ?';
    values.push(key);
  }
  return {
    sql: `SELECT id, key, node, to_ms, count, ${rows} AS rows FROM trace_groups
      WHERE ${where} ORDER BY to_ms DESC, id DESC LIMIT ${pageGroupsMax}`,
    values,
  };
}

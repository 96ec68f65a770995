import { systemClock } from '../../../kit/clock.ts';
import { systemRandom } from '../../../kit/random.ts';
import { Secret } from '../../../kit/secret.ts';
import type {
  KeptPrompt,
  KeySum,
  PruneLimits,
  StoreBatch,
  Trace,
  TraceQuery,
  UsageQuery,
  UsageRow,
} from '../contract.ts';
import { findTrace } from '../find-trace.ts';
import { patienceOf, readTraces, type GroupQuery, type Patience, type StoredGroup } from '../read-traces.ts';
import { storableText } from '../trace-row.ts';
import { keySumsOf, sumsSql, usageRowsOf, usageSql, wholeHour } from '../usage-rows.ts';
import { Database } from './database.ts';
import { groupPageSql, storedGroupOf, wholeMs } from './group-page.ts';
import { prune } from './prune.ts';
import { batchSql } from './write-batch.ts';

const place = (index: number) => `$${index}`;

const sizeSql = `
  SELECT (SELECT coalesce(sum(count), 0) FROM trace_groups) AS traces, (
    SELECT sum(pg_total_relation_size(name::regclass))
    FROM unnest(ARRAY['trace_groups', 'usage_hours', 'prompts', 'batches']) AS name
  ) AS bytes`;

/** Traces and usage in PostgreSQL, for the thread that speaks with it. Rejects with Faults of this room. */
export class UsageDatabase {
  readonly #database: Database;
  readonly #pause: () => Promise<void>;
  readonly #questionTimeoutMs: number;

  constructor(url: string, pause: () => Promise<void>, questionTimeoutMs: number) {
    this.#database = new Database({ url: new Secret(url), clock: systemClock, random: systemRandom });
    this.#pause = pause;
    this.#questionTimeoutMs = questionTimeoutMs;
  }

  async write(batch: StoreBatch, nowMs: number): Promise<void> {
    const { sql, values } = batchSql(batch, nowMs);
    await this.#database.query(sql, values);
  }

  async usage(query: UsageQuery): Promise<UsageRow[]> {
    const { sql, values } = usageSql(query, place);
    const bounded = values.map((value) => (typeof value === 'number' ? wholeMs(value) : value));
    return usageRowsOf(query.groupBy, await this.#database.ask(sql, bounded));
  }

  traces(query: TraceQuery): Promise<Trace[]> {
    return readTraces((groups) => this.#groups(groups), query, this.#patience());
  }

  trace(requestId: string): Promise<Trace | undefined> {
    return findTrace((groups) => this.#groups(groups), requestId, this.#patience());
  }

  async prompt(requestId: string): Promise<KeptPrompt | undefined> {
    const sql = 'SELECT key, expires_at, content FROM prompts WHERE request_id = $1';
    const [row] = await this.#database.ask(sql, [storableText(requestId)]);
    if (row === undefined || !(row['content'] instanceof Uint8Array)) return undefined;
    // A copy of its own: what goes to another thread takes along the whole memory that it is a part of.
    const content = new Uint8Array(row['content']);
    return { requestId, key: String(row['key']), expiresAtMs: Number(row['expires_at']), content };
  }

  async sums(node: string, fromMs: number): Promise<KeySum[]> {
    return keySumsOf(await this.#database.ask(sumsSql(place), [storableText(node), wholeMs(wholeHour(fromMs))]));
  }

  prune(limits: PruneLimits, nowMs: number): Promise<{ traces: number; usage: number; prompts: number }> {
    return prune(this.#database, limits, nowMs);
  }

  async size(): Promise<{ bytes: number; traces: number }> {
    const [row] = await this.#database.ask(sizeSql);
    return { bytes: Number(row?.['bytes']), traces: Number(row?.['traces']) };
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #groups(query: GroupQuery): Promise<StoredGroup[]> {
    await this.#pause();
    const { sql, values } = groupPageSql(query);
    return (await this.#database.ask(sql, values)).map(storedGroupOf);
  }

  #patience(): Patience {
    return patienceOf(this.#questionTimeoutMs, () => systemClock.monotonicMs());
  }
}

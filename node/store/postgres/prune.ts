import type { PruneLimits } from '../contract.ts';
import type { Database } from './database.ts';
import { wholeMs } from './group-page.ts';

/** A batch that could not be written is tried again for some hours; who tries it later than this may write it twice. */
const batchKeepMs = 7 * 86_400_000;

/** One step holds its rows for some milliseconds. */
const stepRows = 500;
const stepTraces = 5_000;

interface Pruned {
  traces: number;
  usage: number;
  prompts: number;
}

/** Deletes what is older in small statements, so that writes go on in between. Traces go by their groups. */
export async function prune(database: Database, limits: PruneLimits, nowMs: number): Promise<Pruned> {
  await deleteAll(database, rowsSql('batches', 'written_at'), nowMs - batchKeepMs);
  return {
    traces: await deleteAll(database, groupsSql, limits.tracesBeforeMs),
    usage: await deleteAll(database, rowsSql('usage_hours', 'hour_ms'), limits.usageBeforeMs),
    prompts: await deleteAll(database, rowsSql('prompts', 'expires_at'), limits.promptsBeforeMs),
  };
}

/** How many were deleted, as the statement counts them. */
async function deleteAll(database: Database, sql: string, beforeMs: number): Promise<number> {
  let sum = 0;
  for (;;) {
    const [row] = await database.query(sql, [wholeMs(beforeMs)]);
    if (Number(row?.['rows']) === 0) return sum;
    sum += Number(row?.['counted']);
  }
}

/** Groups differ in size by a thousand times, so that a step counts traces too. */
const groupsSql = `
  WITH old AS (
    SELECT id FROM (
      SELECT id, sum(count) OVER (ORDER BY to_ms, id) - count AS before
      FROM (SELECT id, to_ms, count FROM trace_groups WHERE to_ms < $1::bigint ORDER BY to_ms, id LIMIT ${stepRows}) AS oldest
    ) AS counted WHERE before < ${stepTraces}
  ), gone AS (DELETE FROM trace_groups WHERE id IN (SELECT id FROM old) RETURNING count)
  SELECT count(*) AS rows, coalesce(sum(count), 0) AS counted FROM gone`;

function rowsSql(table: string, column: string): string {
  return `
    WITH gone AS (
      DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM ${table} WHERE ${column} < $1::bigint ORDER BY ${column} LIMIT ${stepRows}
      )) RETURNING 1
    ) SELECT count(*) AS rows, count(*) AS counted FROM gone`;
}

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { PruneLimits } from '../contract.ts';
import { wholeDay } from '../usage-rows.ts';
import { inTransaction } from './migration-target.ts';
import { usageCounts } from './usage-file.ts';

const dayMs = 86_400_000;

/** A batch that could not be written is tried again for some hours; who tries it later than this may write it twice. */
export const batchKeepMs = 7 * dayMs;

/** One step holds up writes for some milliseconds. */
const stepRows = 500;
const stepTraces = 5_000;
/** Pages given back to the file system after each step: more than a step of ordinary groups frees. */
const vacuumPages = 1_000;

interface Pruned {
  traces: number;
  usage: number;
  prompts: number;
}

/**
 * Deletes what is older, step by step; each step of the generator is a transaction of its own, and whoever runs it may
 * write between two of them. Counts rows, and traces by their groups: one goes once its last trace is too old.
 */
export function* pruneFile(database: DatabaseSync, limits: PruneLimits, nowMs: number): Generator<Pruned, Pruned> {
  const pruned: Pruned = { traces: 0, usage: 0, prompts: 0 };
  for (const [kind, step] of stepsOf(database, limits, nowMs)) {
    for (;;) {
      const { rows, counted } = inTransaction(database, step);
      if (rows === 0) break;
      if (kind !== undefined) pruned[kind] += counted;
      database.exec(`PRAGMA incremental_vacuum(${vacuumPages})`);
      yield pruned;
    }
  }
  return pruned;
}

interface Step {
  rows: number;
  counted: number;
}

function stepsOf(
  database: DatabaseSync,
  limits: PruneLimits,
  nowMs: number,
): [kind: keyof Pruned | undefined, step: () => Step][] {
  const deleting = (sql: string, beforeMs: number) => {
    const statement = database.prepare(sql);
    return () => {
      const rows = Number(statement.run(beforeMs, stepRows).changes);
      return { rows, counted: rows };
    };
  };
  const usageOf = (table: string, time: string) => `
    DELETE FROM ${table} WHERE (${time}, node, key, "user", account, model, currency) IN
      (SELECT ${time}, node, key, "user", account, model, currency FROM ${table} WHERE ${time} < ? LIMIT ?)`;
  const prompts =
    'DELETE FROM prompts WHERE rowid IN (SELECT rowid FROM prompts WHERE expires_at < ? ORDER BY expires_at LIMIT ?)';
  const batches =
    'DELETE FROM batches WHERE id IN (SELECT id FROM batches WHERE written_at < ? ORDER BY written_at LIMIT ?)';
  return [
    ['traces', deletingTraces(database, limits.tracesBeforeMs)],
    ['usage', deleting(usageOf('usage_hours', 'hour_ms'), limits.usageBeforeMs)],
    [undefined, deleting(usageOf('usage_days', 'day_ms'), wholeDay(limits.usageBeforeMs))],
    [undefined, once(() => sumDayAgain(database, wholeDay(limits.usageBeforeMs)))],
    ['prompts', deleting(prompts, limits.promptsBeforeMs)],
    [undefined, deleting(batches, nowMs - batchKeepMs)],
  ];
}

/** A step that is taken one time. */
function once(work: () => void): () => Step {
  let rows = 1;
  return () => {
    if (rows > 0) work();
    const step = { rows, counted: 0 };
    rows = 0;
    return step;
  };
}

/** Of a day that has lost some of its hours, the sums are made anew. */
function sumDayAgain(database: DatabaseSync, ofMs: number): void {
  const cell = 'node, key, "user", account, model, currency';
  const sums = usageCounts.map((name) => `sum(${name})`).join(', ');
  database.prepare('DELETE FROM usage_days WHERE day_ms = ?').run(ofMs);
  database
    .prepare(
      `INSERT INTO usage_days SELECT ?, ${cell}, ${sums} FROM usage_hours
        WHERE hour_ms >= ? AND hour_ms < ? GROUP BY ${cell}`,
    )
    .run(ofMs, ofMs, ofMs + dayMs);
}

/** Groups differ in size by a thousand times, so that a step counts traces too. */
function deletingTraces(database: DatabaseSync, beforeMs: number): () => Step {
  const find = database.prepare('SELECT id, count FROM trace_groups WHERE to_ms < ? ORDER BY to_ms LIMIT ?');
  const remove = database.prepare('DELETE FROM trace_groups WHERE id = ?');
  const subtract = database.prepare("UPDATE totals SET value = value - ? WHERE name = 'traces'");
  return () => {
    const groups = few(find, beforeMs);
    for (const { id } of groups) remove.run(id);
    const counted = groups.reduce((sum, { count }) => sum + count, 0);
    if (groups.length > 0) subtract.run(counted);
    return { rows: groups.length, counted };
  };
}

function few(find: StatementSync, beforeMs: number): { id: number; count: number }[] {
  const groups: { id: number; count: number }[] = [];
  let traces = 0;
  for (const { id, count } of find.all(beforeMs, stepRows)) {
    if (traces >= stepTraces) break;
    groups.push({ id: Number(id), count: Number(count) });
    traces += Number(count);
  }
  return groups;
}

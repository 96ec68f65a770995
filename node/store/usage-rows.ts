import type { KeySum, UsageCell, UsageCounts, UsageGrouping, UsageQuery, UsageRow } from './contract.ts';
import { storableText } from './trace-row.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The columns of the sums, in the order of `UsageCounts`. */
const sums = {
  requests: 'requests',
  errors: 'errors',
  promptTokens: 'prompt_tokens',
  completionTokens: 'completion_tokens',
  cacheCreationTokens: 'cache_creation_tokens',
  cacheReadTokens: 'cache_read_tokens',
  costNano: 'cost_nano',
  estimated: 'estimated',
} as const;

/** Beginning of a span of time that `usage` groups by. */
const groupColumns: Readonly<Record<UsageGrouping, string>> = {
  hour: 'hour_ms',
  day: `hour_ms - hour_ms % ${dayMs}`,
  key: 'key',
  user: '"user"',
  account: 'account',
  model: 'model',
};

/** A table of sums and the column that says of which hour or day a row is. */
const tables = { usage_hours: 'hour_ms', usage_days: 'day_ms' } as const;

interface Span {
  readonly table: keyof typeof tables;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The question as SQL that both databases understand, and its values; `place` names the n-th of them, from 1. Where the
 * database has `usage_days`, whole days come from there. Sums are floating point, so that none overflows what a driver
 * reads: exact up to 9 million of the currency.
 */
export function usageSql(
  query: UsageQuery,
  place: (index: number) => string,
  hasDays = false,
): { sql: string; values: (string | number)[] } {
  const values: (string | number)[] = [];
  const parts = spansOf(query, hasDays).map(({ table, fromMs, toMs }) => {
    values.push(fromMs, toMs);
    const time = tables[table];
    let where = `${time} >= ${place(values.length - 1)} AND ${time} < ${place(values.length)}`;
    for (const name of ['key', 'user', 'account', 'model'] as const) {
      const value = query[name];
      if (value === undefined) continue;
      values.push(storableText(value));
      where += ` AND ${groupColumns[name]} = ${place(values.length)}`;
    }
    const columns = Object.values(sums).join(', ');
    return `SELECT ${time} AS hour_ms, key, "user", account, model, currency, ${columns} FROM ${table} WHERE ${where}`;
  });
  const columns = Object.values(sums).map((column) => `CAST(sum(${column}) AS DOUBLE PRECISION) AS ${column}`);
  return {
    sql: `SELECT ${groupColumns[query.groupBy]} AS name, currency, ${columns.join(', ')}
      FROM (${parts.join(' UNION ALL ')}) AS cells GROUP BY 1, 2`,
    values,
  };
}

/** Whole days in the middle of what is asked for, if there are any, and the hours before and after them. */
function spansOf({ fromMs, toMs, groupBy }: UsageQuery, hasDays: boolean): Span[] {
  const [from, to] = [wholeHour(fromMs), wholeHour(toMs)];
  const hours: Span = { table: 'usage_hours', fromMs: from, toMs: to };
  const firstDay = Math.ceil(from / dayMs) * dayMs;
  const lastDay = wholeDay(to);
  if (!hasDays || groupBy === 'hour' || firstDay >= lastDay) return [hours];
  const spans: Span[] = [
    { ...hours, toMs: firstDay },
    { table: 'usage_days', fromMs: firstDay, toMs: lastDay },
    { ...hours, fromMs: lastDay },
  ];
  return spans.filter(({ fromMs, toMs }) => fromMs < toMs);
}

/** A cell with its texts as a database takes them: a client chooses the model's name. */
export function storableCell(cell: UsageCell & UsageCounts): UsageCell & UsageCounts {
  const { key, user, account, model, currency } = cell;
  return {
    ...cell,
    key: storableText(key),
    user: storableText(user),
    account: storableText(account),
    model: storableText(model),
    currency: storableText(currency),
  };
}

/** Beginning of the hour. */
export function wholeHour(ms: number): number {
  return Math.floor(ms / hourMs) * hourMs;
}

/** Beginning of the day, UTC. */
export function wholeDay(ms: number): number {
  return Math.floor(ms / dayMs) * dayMs;
}

/** Rows that `usageSql` gave, sorted by group and then by currency, by code units whatever the database thinks. */
export function usageRowsOf(groupBy: UsageGrouping, rows: readonly Readonly<Record<string, unknown>>[]): UsageRow[] {
  return rows
    .map((row) => ({
      group: groupOf(groupBy, row['name']),
      currency: String(row['currency']),
      requests: Number(row[sums.requests]),
      errors: Number(row[sums.errors]),
      promptTokens: Number(row[sums.promptTokens]),
      completionTokens: Number(row[sums.completionTokens]),
      cacheCreationTokens: Number(row[sums.cacheCreationTokens]),
      cacheReadTokens: Number(row[sums.cacheReadTokens]),
      costNano: Number(row[sums.costNano]),
      estimated: Number(row[sums.estimated]),
    }))
    .sort((left, right) => compare(left.group, right.group) || compare(left.currency, right.currency));
}

/** ISO 8601 of an hour, as `2026-01-31T09:00:00Z`, or of a day, as `2026-01-31`, UTC. */
function groupOf(groupBy: UsageGrouping, name: unknown): string {
  if (groupBy !== 'hour' && groupBy !== 'day') return String(name);
  const iso = new Date(Number(name)).toISOString();
  return groupBy === 'day' ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`;
}

function compare(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

/**
 * What a node wrote since a time, by key, as SQL for both databases; values: the node and a whole hour, or a whole day for
 * `usage_days`.
 */
export function sumsSql(place: (index: number) => string, table: keyof typeof tables = 'usage_hours'): string {
  const tokens = 'prompt_tokens + completion_tokens + cache_creation_tokens + cache_read_tokens';
  // Not by the column itself: SQLite would walk its index, and with it the whole table, to have them in order.
  return `SELECT substr(key, 1) AS name, CAST(sum(${tokens}) AS DOUBLE PRECISION) AS tokens,
      CAST(sum(cost_nano) AS DOUBLE PRECISION) AS cost_nano
    FROM ${table} WHERE node = ${place(1)} AND ${tables[table]} >= ${place(2)} GROUP BY 1`;
}

export function keySumsOf(rows: readonly Readonly<Record<string, unknown>>[]): KeySum[] {
  return rows.map(({ name, tokens, cost_nano }) => ({
    key: String(name),
    tokens: Number(tokens),
    costNano: Number(cost_nano),
  }));
}

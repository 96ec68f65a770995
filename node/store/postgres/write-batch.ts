import type { KeptPrompt, StoreBatch, TraceGroup, UsageCell, UsageCounts } from '../contract.ts';
import { storableGroups } from '../trace-groups.ts';
import { storableText, traceFormat } from '../trace-row.ts';
import { storableCell } from '../usage-rows.ts';

const cellColumns = ['key', '"user"', 'account', 'model', 'currency'];
const countColumns = [
  'requests',
  'errors',
  'prompt_tokens',
  'completion_tokens',
  'cache_creation_tokens',
  'cache_read_tokens',
  'cost_nano',
  'estimated',
];

/** A list as SQL: `unnest` makes rows of lists. */
class Values {
  readonly list: unknown[] = [];

  /** The place of a value, with its type. */
  add(value: unknown, type: string): string {
    this.list.push(value);
    return `$${this.list.length}::${type}`;
  }
}

/**
 * A batch as one statement, which is one round trip and all of it or nothing. The row of its id comes first: where it is
 * there already, nothing else is written; where another connection is just writing it, this one waits for that.
 */
export function batchSql(batch: StoreBatch, nowMs: number): { sql: string; values: unknown[] } {
  const values = new Values();
  const parts = [
    `batch AS (INSERT INTO batches VALUES (${values.add(storableId(batch.id), 'text')},
      ${values.add(Math.floor(nowMs), 'bigint')}) ON CONFLICT DO NOTHING RETURNING id)`,
  ];
  const groups = batch.groups.flatMap((group) => storableGroups(group));
  if (groups.length > 0) parts.push(`added_groups AS (${groupsSql(values, batch.node, groups)})`);
  if (batch.usage.length > 0)
    parts.push(`added_usage AS (${usageSql(values, batch.node, batch.usage.map(storableCell))})`);
  if (batch.prompts.length > 0) parts.push(`added_prompts AS (${promptsSql(values, batch.prompts)})`);
  return { sql: `WITH ${parts.join(', ')} SELECT FROM batch`, values: values.list };
}

/** The rows travel as values of their own: within a list each quotation mark of theirs would be escaped. */
function groupsSql(values: Values, node: string, groups: readonly TraceGroup[]): string {
  const lists = [
    values.add(texts(groups, 'key'), 'text[]'),
    values.add(
      groups.map(({ fromMs }) => Math.floor(fromMs)),
      'bigint[]',
    ),
    values.add(
      groups.map(({ toMs }) => Math.floor(toMs)),
      'bigint[]',
    ),
    values.add(
      groups.map(({ count }) => count),
      'integer[]',
    ),
    `ARRAY[${groups.map(({ rows }) => values.add(withoutNul(rows), 'text')).join(', ')}]`,
  ];
  return `INSERT INTO trace_groups (node, key, from_ms, to_ms, count, format, rows)
    SELECT ${values.add(storableText(node), 'text')}, key, from_ms, to_ms, count, ${traceFormat}, rows
    FROM unnest(${lists.join(', ')}) AS given (key, from_ms, to_ms, count, rows), batch`;
}

/** Cells whose texts became the same by being cut are one row, which a statement may touch only once. */
function usageSql(values: Values, node: string, cells: readonly (UsageCell & UsageCounts)[]): string {
  const lists = [
    values.add(
      cells.map(({ hourMs }) => hourMs),
      'bigint[]',
    ),
    ...(['key', 'user', 'account', 'model', 'currency'] as const).map((name) =>
      values.add(texts(cells, name), 'text[]'),
    ),
    ...countNames.map((name) =>
      values.add(
        cells.map((cell) => cell[name]),
        'bigint[]',
      ),
    ),
  ];
  const cell = ['hour_ms', ...cellColumns].join(', ');
  const sums = countColumns.map((name) => `sum(${name})::bigint`).join(', ');
  const added = countColumns.map((name) => `${name} = usage_hours.${name} + excluded.${name}`).join(', ');
  // In one order at all nodes, so that two of them never wait for each other's rows.
  return `INSERT INTO usage_hours (node, ${cell}, ${countColumns.join(', ')})
    SELECT ${values.add(storableText(node), 'text')}, ${cell}, ${sums}
    FROM unnest(${lists.join(', ')}) AS given (${cell}, ${countColumns.join(', ')}), batch
    GROUP BY ${cell} ORDER BY ${cell}
    ON CONFLICT (hour_ms, node, key, "user", account, model, currency) DO UPDATE SET ${added}`;
}

const countNames = [
  'requests',
  'errors',
  'promptTokens',
  'completionTokens',
  'cacheCreationTokens',
  'cacheReadTokens',
  'costNano',
  'estimated',
] as const satisfies readonly (keyof UsageCounts)[];

function promptsSql(values: Values, given: readonly KeptPrompt[]): string {
  const prompts = [...new Map(given.map((prompt) => [storableText(prompt.requestId), prompt])).values()];
  const rows = prompts.map(({ requestId, key, expiresAtMs, content }) => {
    const texts = [requestId, key].map((text) => values.add(storableText(text), 'text'));
    const bytes = values.add(Buffer.from(content.buffer, content.byteOffset, content.byteLength), 'bytea');
    return `(${[...texts, values.add(Math.floor(expiresAtMs), 'bigint'), bytes].join(', ')})`;
  });
  return `INSERT INTO prompts (request_id, key, expires_at, content)
    SELECT given.* FROM (VALUES ${rows.join(', ')}) AS given (request_id, key, expires_at, content), batch
    ON CONFLICT (request_id) DO UPDATE
    SET key = excluded.key, expires_at = excluded.expires_at, content = excluded.content`;
}

function texts<Name extends string>(rows: readonly Readonly<Record<Name, string>>[], name: Name): string[] {
  return rows.map((row) => storableText(row[name]));
}

/** An id says which batch it is: it may not be cut. */
function storableId(id: string): string {
  return withoutNul(id).toWellFormed();
}

/** PostgreSQL takes no NUL in a text. */
function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\u{fffd}') : text;
}

import type { GroupQuery, StoredGroup } from '../read-traces.ts';
import { storableText } from '../trace-row.ts';
import type { Row } from './database.ts';

/** A page of groups, however few traces they hold. */
const pageGroupsMax = 4_096;

/**
 * A page of groups in their order, as SQL: walks one of the two indexes backwards, and ends with the group that brings
 * the page to `tracesMax`. What is looked for is looked for by the server, so that groups without it do not travel.
 */
export function groupPageSql(query: GroupQuery): { sql: string; values: unknown[] } {
  const { key, beginByMs, endFromMs, endToMs, texts, after, tracesMax } = query;
  const values: unknown[] = [];
  const add = (value: unknown, type: string) => `$${values.push(value)}::${type}`;
  const conditions = [
    `to_ms >= ${add(wholeMs(endFromMs), 'bigint')}`,
    `to_ms <= ${add(wholeMs(after?.toMs ?? endToMs), 'bigint')}`,
    `from_ms <= ${add(wholeMs(beginByMs), 'bigint')}`,
  ];
  if (after !== undefined) {
    conditions.push(`(to_ms, id) < (${add(after.toMs, 'bigint')}, ${add(after.id, 'bigint')})`);
  }
  if (key !== undefined) conditions.push(`key = ${add(storableText(key), 'text')}`);
  const found = texts.map((text) => `strpos(rows, ${add(text, 'text')}) > 0`).join(' AND ');
  const rows = texts.length === 0 ? 'rows' : `CASE WHEN ${found} THEN rows END`;
  const limit = Math.min(pageGroupsMax, Math.max(1, tracesMax));
  return {
    sql: `SELECT id, key, node, to_ms, ${rows} AS rows FROM (
        SELECT *, sum(count) OVER (ORDER BY to_ms DESC, id DESC) - count AS before FROM (
          SELECT id, key, node, to_ms, count, rows FROM trace_groups
          WHERE ${conditions.join(' AND ')} ORDER BY to_ms DESC, id DESC LIMIT ${limit}
        ) AS page
      ) AS counted
      WHERE before < ${add(tracesMax, 'bigint')} ORDER BY to_ms DESC, id DESC`,
    values,
  };
}

export function storedGroupOf({ id, key, node, to_ms, rows }: Row): StoredGroup {
  return {
    id: Number(id),
    key: String(key),
    node: String(node),
    toMs: Number(to_ms),
    rows: typeof rows === 'string' ? rows : null,
  };
}

/** Of a time that may be any number, infinite ones included: one that a column can be compared with. */
export function wholeMs(ms: number): number {
  return Math.trunc(Math.min(Math.max(ms, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));
}

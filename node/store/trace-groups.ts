import type { Trace, TraceGroup } from './contract.ts';
import { storeFaults } from './faults.ts';
import { columnOf, encodeTrace, parseRows } from './trace-row.ts';

/**
 * Between the first and the last start of a stored group. A trace of a time T is then in no group that ends after
 * T + span, so that an index on the end alone finds it; requests that take longer make smaller groups.
 */
export const groupSpanMsMax = 60_000;

/** A group is read as a whole: about a megabyte. */
export const groupCountMax = 4_000;

/** The traces of one flush, by key. */
export function groupTraces(traces: readonly Trace[]): TraceGroup[] {
  return [...Map.groupBy(traces, ({ key }) => key)].map(([key, members]) => {
    const starts = members.map(({ startedAtMs }) => Math.floor(startedAtMs));
    const fromMs = Math.min(...starts);
    return { key, fromMs, toMs: Math.max(...starts), count: members.length, rows: joinRows(members.map(encodeTrace)) };
  });
}

/** Rows of a group out of what `encodeTrace` gave. */
export function joinRows(rows: readonly string[]): string {
  return `[${rows.join(',')}]`;
}

/**
 * A group as it may be stored: itself, or cut into several where it spans too long a time or holds too many. Throws
 * `store_batch_refused` for one that would have to be cut and cannot be read.
 */
export function storableGroups(group: TraceGroup): readonly TraceGroup[] {
  return group.toMs - group.fromMs <= groupSpanMsMax && group.count <= groupCountMax ? [group] : cut(group);
}

const startedAt = columnOf('startedAtMs');

function cut(group: TraceGroup): TraceGroup[] {
  const rows = parseRows(group.rows).sort((left, right) => startOf(left) - startOf(right));
  if (rows.length === 0) throw storeFaults.store_batch_refused('The rows of a group of traces cannot be read.');
  const parts: TraceGroup[] = [];
  let first = 0;
  for (let end = 1; end <= rows.length; end++) {
    if (end < rows.length && end - first < groupCountMax && isNear(rows[first], rows[end])) continue;
    parts.push(partOf(group.key, rows.slice(first, end)));
    first = end;
  }
  return parts;
}

function isNear(first: unknown[] | undefined, next: unknown[] | undefined): boolean {
  return startOf(next) - startOf(first) <= groupSpanMsMax;
}

function startOf(row: unknown[] | undefined): number {
  return Number(row?.[startedAt]);
}

function partOf(key: string, rows: readonly unknown[][]): TraceGroup {
  return { key, fromMs: startOf(rows[0]), toMs: startOf(rows.at(-1)), count: rows.length, rows: JSON.stringify(rows) };
}

import type { Trace, UsageRow } from '../store/contract.ts';

/** Sums of several stores: rows of one group and currency become one. Sorted by group, then currency. */
export function mergeSums(lists: readonly (readonly UsageRow[])[]): UsageRow[] {
  const merged = new Map<string, UsageRow>();
  for (const row of lists.flat()) {
    const place = `${row.group}\n${row.currency}`;
    const known = merged.get(place);
    merged.set(place, known === undefined ? row : added(known, row));
  }
  return [...merged.values()].toSorted(byGroup);
}

/** Traces of several stores in the order of the contract, each request once, at most `limit`. */
export function mergeTraces(lists: readonly (readonly Trace[])[], limit: number): Trace[] {
  const byId = new Map(lists.flat().map((trace) => [trace.requestId, trace]));
  return [...byId.values()].toSorted(latestFirst).slice(0, limit);
}

function added(left: UsageRow, right: UsageRow): UsageRow {
  return {
    group: left.group,
    currency: left.currency,
    requests: left.requests + right.requests,
    errors: left.errors + right.errors,
    promptTokens: left.promptTokens + right.promptTokens,
    completionTokens: left.completionTokens + right.completionTokens,
    cacheCreationTokens: left.cacheCreationTokens + right.cacheCreationTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    costNano: left.costNano + right.costNano,
    estimated: left.estimated + right.estimated,
  };
}

function byGroup(left: UsageRow, right: UsageRow): number {
  if (left.group !== right.group) return left.group < right.group ? -1 : 1;
  return left.currency < right.currency ? -1 : 1;
}

function latestFirst(left: Trace, right: Trace): number {
  if (left.startedAtMs !== right.startedAtMs) return right.startedAtMs - left.startedAtMs;
  return left.requestId < right.requestId ? 1 : -1;
}

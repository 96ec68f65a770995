import type { Trace, TraceQuery, UsageStore } from '../../node/store/contract.ts';
import { compareTraces } from '../../node/store/read-traces.ts';

/** The list in parts, each a batch. */
export function cutAt<T>(list: readonly T[], cuts: readonly number[]): T[][] {
  const ends = [...cuts, list.length].sort((left, right) => left - right);
  return ends.map((end, index) => list.slice(index === 0 ? 0 : ends[index - 1], end));
}

/** Ids of all pages, one after the other. */
export async function inPages(store: UsageStore, query: TraceQuery): Promise<string[]> {
  const ids: string[] = [];
  let after: TraceQuery['after'];
  for (;;) {
    const page = await store.traces({ ...query, after });
    ids.push(...page.map(({ requestId }) => requestId));
    after = page.at(-1);
    if (page.length < query.limit || after === undefined) return ids;
  }
}

/** What a store that keeps a plain list would answer, without a limit. */
export function plainAnswer(
  traces: readonly Trace[],
  { key, user, account, model, status, fromMs, toMs }: TraceQuery,
): Trace[] {
  return traces
    .filter((trace) => trace.startedAtMs >= fromMs && trace.startedAtMs < toMs)
    .filter((trace) => key === undefined || trace.key === key)
    .filter((trace) => user === undefined || trace.user === user)
    .filter((trace) => account === undefined || trace.account === account)
    .filter((trace) => model === undefined || trace.modelRequested === model || trace.modelServed === model)
    .filter((trace) => status === undefined || String(trace.status).startsWith(String(status)))
    .sort(compareTraces);
}

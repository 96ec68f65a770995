import type { Trace, TraceQuery } from './contract.ts';
import { storeFaults } from './faults.ts';
import { rowFilter, textsOf } from './trace-filter.ts';
import { groupSpanMsMax } from './trace-groups.ts';
import { decodeTrace, parseRows } from './trace-row.ts';

/** A group as a database keeps it. */
export interface StoredGroup {
  /** Unique in the database. */
  readonly id: number;
  readonly key: string;
  readonly node: string;
  readonly toMs: number;
  /** Null where it lacks one of the texts that were looked for. */
  readonly rows: string | null;
}

/** Asks for groups in the order: ends later first, of equal ones the greater id. */
export interface GroupQuery {
  readonly key: string | undefined;
  /** Groups that begin by then … */
  readonly beginByMs: number;
  /** … and end between these two, both included. */
  readonly endFromMs: number;
  readonly endToMs: number;
  /** Where any of them is missing in the rows of a group, it comes with null for its rows. */
  readonly texts: readonly string[];
  /** Those that come after this one in the order. */
  readonly after: { readonly toMs: number; readonly id: number } | undefined;
  /** About so many traces, and at least one group if there is one. */
  readonly tracesMax: number;
}

/** What a database does for `readTraces`. A page without groups is the last. */
export type GroupReader = (query: GroupQuery) => Promise<readonly StoredGroup[]>;

/** Throws where a question has taken long enough; called between pages. */
export type Patience = () => void;

/** Traces in one page of groups: the first is small, as most questions need no second. */
const pageTracesMin = 256;
const pageTracesMax = 8_192;

/**
 * Traces in strict order, out of groups that overlap: started later first, and of equal ones the greater request id.
 *
 *   groups by their end:   ├───────┤        a page …
 *                        ├────┤
 *                     ├─────────┤ … ends here: whatever comes later started at this end or before it,
 *                 ├────┤            so what was found to the right of it is in its final order.
 *
 * No more than a page and `limit` traces are held. `fromMs` is included, `toMs` is not.
 */
export async function readTraces(read: GroupReader, query: TraceQuery, patience: Patience): Promise<Trace[]> {
  const latestMs = Math.min(Math.ceil(query.toMs) - 1, query.after?.startedAtMs ?? Infinity);
  const found = new LatestTraces(query, latestMs);
  let after: GroupQuery['after'];
  for (let tracesMax = pageTracesMin; ; tracesMax = Math.min(pageTracesMax, tracesMax * 2)) {
    const groups = await read(groupQuery(query, latestMs, after, tracesMax));
    for (const group of groups) found.add(group);
    after = groups.at(-1);
    if (after === undefined || found.isComplete(after.toMs)) return found.traces;
    patience();
  }
}

function groupQuery(query: TraceQuery, latestMs: number, after: GroupQuery['after'], tracesMax: number): GroupQuery {
  return {
    key: query.key,
    beginByMs: latestMs,
    endFromMs: Math.ceil(query.fromMs),
    endToMs: latestMs + groupSpanMsMax,
    texts: textsOf(query),
    after,
    tracesMax,
  };
}

/** The latest `limit` of those that fulfil a query. */
class LatestTraces {
  traces: Trace[] = [];
  readonly #query: TraceQuery;
  readonly #latestMs: number;
  readonly #matches: ReturnType<typeof rowFilter>;

  constructor(query: TraceQuery, latestMs: number) {
    this.#query = query;
    this.#latestMs = latestMs;
    this.#matches = rowFilter(query);
  }

  add({ rows, key, node }: StoredGroup): void {
    if (rows === null) return;
    const { traces } = this;
    const before = traces.length;
    for (const row of parseRows(rows)) {
      if (!this.#matches(row)) continue;
      const trace = decodeTrace(row, key, node);
      if (trace !== undefined && this.#isAsked(trace)) traces.push(trace);
    }
    if (traces.length === before) return;
    traces.sort(compareTraces);
    if (traces.length > this.#query.limit) traces.length = this.#query.limit;
  }

  /** Whether no group that ends then or earlier can change them. */
  isComplete(endMs: number): boolean {
    const last = this.traces[this.#query.limit - 1];
    return last !== undefined && last.startedAtMs > endMs;
  }

  #isAsked(trace: Trace): boolean {
    const { fromMs, after } = this.#query;
    if (trace.startedAtMs < fromMs || trace.startedAtMs > this.#latestMs) return false;
    return after === undefined || compareTraces(after, trace) < 0;
  }
}

/** Order of traces: started later first, and of equal ones the greater request id. */
export function compareTraces(
  left: Pick<Trace, 'startedAtMs' | 'requestId'>,
  right: Pick<Trace, 'startedAtMs' | 'requestId'>,
): number {
  if (left.startedAtMs !== right.startedAtMs) return right.startedAtMs - left.startedAtMs;
  if (left.requestId === right.requestId) return 0;
  return left.requestId > right.requestId ? -1 : 1;
}

/** Makes a `Patience` that ends after `timeoutMs`, by a clock that never goes back. */
export function patienceOf(timeoutMs: number, monotonicMs: () => number): Patience {
  const endMs = monotonicMs() + timeoutMs;
  return () => {
    if (monotonicMs() > endMs) {
      throw storeFaults.store_question_slow(`The question took longer than ${timeoutMs} ms; ask for less at a time.`);
    }
  };
}

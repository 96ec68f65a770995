import { requestIdTimeMs } from '../../kit/random.ts';
import type { Trace } from './contract.ts';
import type { GroupQuery, GroupReader, Patience } from './read-traces.ts';
import { groupSpanMsMax } from './trace-groups.ts';
import { columnOf, decodeTrace, parseRows } from './trace-row.ts';

/** How far a start may be from the time in the id: first by the second's fraction, then as far as a clock was set. */
const distancesMs = [2_000, 600_000];

const tracesMax = 4_096;

/**
 * The trace of a request by its id alone. An id says when it was made (`RequestIds`), so only groups of that time are
 * looked at; an id that says nothing belongs to no trace.
 */
export async function findTrace(read: GroupReader, requestId: string, patience: Patience): Promise<Trace | undefined> {
  const madeMs = requestIdTimeMs(requestId);
  if (madeMs === undefined) return undefined;
  for (const distanceMs of distancesMs) {
    const found = await findNear(read, requestId, madeMs, distanceMs, patience);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findNear(
  read: GroupReader,
  requestId: string,
  madeMs: number,
  distanceMs: number,
  patience: Patience,
): Promise<Trace | undefined> {
  const query = {
    key: undefined,
    beginByMs: madeMs + distanceMs,
    endFromMs: madeMs - distanceMs,
    endToMs: madeMs + distanceMs + groupSpanMsMax,
    texts: [JSON.stringify(requestId)],
    tracesMax,
  };
  let after: GroupQuery['after'];
  for (;;) {
    const groups = await read({ ...query, after });
    for (const group of groups) {
      const trace = group.rows === null ? undefined : findIn(group.rows, requestId, group.key, group.node);
      if (trace !== undefined) return trace;
    }
    after = groups.at(-1);
    if (after === undefined) return undefined;
    patience();
  }
}

const requestIdPlace = columnOf('requestId');

function findIn(rows: string, requestId: string, key: string, node: string): Trace | undefined {
  const row = parseRows(rows).find((row) => row[requestIdPlace] === requestId);
  return row === undefined ? undefined : decodeTrace(row, key, node);
}

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Trace, TraceQuery } from '../../../node/store/contract.ts';
import { findTrace } from '../../../node/store/find-trace.ts';
import {
  compareTraces,
  patienceOf,
  readTraces,
  type GroupQuery,
  type GroupReader,
  type StoredGroup,
} from '../../../node/store/read-traces.ts';
import { groupTraces, storableGroups } from '../../../node/store/trace-groups.ts';
import { baseMs, traceOf } from '../../suites/any-trace.ts';

interface MemoryGroup extends StoredGroup {
  readonly fromMs: number;
}

/** Groups as a database would keep them that wrote each of these lists as a batch. */
function groupsOf(batches: readonly (readonly Trace[])[]): MemoryGroup[] {
  const stored = batches.flatMap(groupTraces).flatMap(storableGroups);
  return stored.map(({ key, fromMs, toMs, rows }, id) => ({ id, key, node: 'n1', fromMs, toMs, rows }));
}

/** Gives so many groups at a time, whatever is asked for. */
function readerOf(groups: readonly MemoryGroup[], pageSize: number, asked: GroupQuery[] = []): GroupReader {
  const ordered = groups.toSorted((left, right) => right.toMs - left.toMs || right.id - left.id);
  return async (query) => {
    asked.push(query);
    const { key, beginByMs, endFromMs, endToMs, after, texts } = query;
    return ordered
      .filter((group) => key === undefined || group.key === key)
      .filter(({ fromMs, toMs }) => fromMs <= beginByMs && toMs >= endFromMs && toMs <= endToMs)
      .filter(({ toMs, id }) => after === undefined || toMs < after.toMs || (toMs === after.toMs && id < after.id))
      .slice(0, pageSize)
      .map((group) => (texts.every((text) => group.rows?.includes(text)) ? group : withoutRows(group)));
  };
}

function withoutRows(group: MemoryGroup): MemoryGroup {
  return { ...group, rows: null };
}

const patient = () => undefined;
const all = { fromMs: 0, toMs: baseMs * 2 };

async function inPages(read: GroupReader, query: TraceQuery): Promise<Trace[]> {
  const found: Trace[] = [];
  for (;;) {
    const page = await readTraces(read, { ...query, after: found.at(-1) }, patient);
    found.push(...page);
    if (page.length < query.limit) return found;
  }
}

/** Starts within a few milliseconds, or within some minutes: many are equal, and most groups overlap. */
const start = fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 200_000 }));
const anyTrace = fc
  .record({ at: start, key: fc.constantFrom('k1', 'k2'), status: fc.constantFrom(200, 500) })
  .map(({ at, key, status }) => traceOf({ startedAtMs: baseMs + at, key, status }));
const anyBatches = fc.array(fc.array(anyTrace, { maxLength: 8 }), { maxLength: 10 });

describe('reading traces out of groups', () => {
  it('gives all of them in strict order, whatever the pages of groups and of traces', async () => {
    const sizes = fc.integer({ min: 1, max: 5 });
    const filter = fc.record({ key: fc.constantFrom(undefined, 'k1'), status: fc.constantFrom(undefined, 5) });
    await fc.assert(
      fc.asyncProperty(anyBatches, sizes, sizes, filter, async (batches, pageSize, limit, { key, status }) => {
        const read = readerOf(groupsOf(batches), pageSize);
        const expected = batches
          .flat()
          .filter((trace) => key === undefined || trace.key === key)
          .filter((trace) => status === undefined || trace.status === 500)
          .sort(compareTraces);
        expect(await inPages(read, { ...all, key, status, limit })).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('looks no further than it must', async () => {
    const batches = Array.from({ length: 1_000 }, (_, index) => [traceOf({ startedAtMs: baseMs + index * 1_000 })]);
    const asked: GroupQuery[] = [];
    const read = readerOf(groupsOf(batches), 10, asked);
    expect(await readTraces(read, { ...all, limit: 15 }, patient)).toHaveLength(15);
    expect(asked).toHaveLength(2);
    const after = batches[500]?.[0];
    expect((await readTraces(read, { ...all, limit: 5, after }, patient))[0]).toEqual(batches[499]?.[0]);
  });

  it('leaves out what cannot be read', async () => {
    const [group] = groupsOf([[traceOf()]]);
    const broken = ['no JSON', '{}', '[1, null, []]', '[["x"]]'];
    const groups = broken.map((rows, index) => Object.assign({}, group as MemoryGroup, { id: index + 1, rows }));
    expect(
      await readTraces(readerOf([...groups, group as MemoryGroup], 2), { ...all, limit: 9 }, patient),
    ).toHaveLength(1);
  });

  it('ends when it has taken long enough', async () => {
    let nowMs = 0;
    const read = readerOf(groupsOf([[traceOf()], [traceOf()], [traceOf()]]), 1);
    const slow: GroupReader = (query) => {
      nowMs += 40;
      return read(query);
    };
    const query = { ...all, limit: 9 };
    await expect(
      readTraces(
        slow,
        query,
        patienceOf(100, () => nowMs),
      ),
    ).rejects.toMatchObject({
      code: 'store_question_slow',
    });
    expect(
      await readTraces(
        slow,
        query,
        patienceOf(200, () => nowMs),
      ),
    ).toHaveLength(3);
  });
});

describe('finding a trace by its id', () => {
  it('finds every one, whatever the pages', async () => {
    await fc.assert(
      fc.asyncProperty(anyBatches, fc.integer({ min: 1, max: 5 }), async (batches, pageSize) => {
        const read = readerOf(groupsOf(batches), pageSize);
        for (const trace of batches.flat()) expect(await findTrace(read, trace.requestId, patient)).toEqual(trace);
      }),
    );
  });

  it('looks only at groups of its time', async () => {
    const asked: GroupQuery[] = [];
    const { requestId } = traceOf();
    expect(await findTrace(readerOf([], 1, asked), requestId, patient)).toBeUndefined();
    expect(asked.map(({ endFromMs, beginByMs }) => beginByMs - endFromMs)).toEqual([4_000, 1_200_000]);
    expect(await findTrace(readerOf([], 1, asked), 'anything', patient)).toBeUndefined();
    expect(asked).toHaveLength(2);
  });
});

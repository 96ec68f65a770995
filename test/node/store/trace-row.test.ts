import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Trace } from '../../../node/store/contract.ts';
import { rowFilter, textsOf } from '../../../node/store/trace-filter.ts';
import {
  groupCountMax,
  groupSpanMsMax,
  groupTraces,
  joinRows,
  storableGroups,
} from '../../../node/store/trace-groups.ts';
import { decodeTrace, encodeTrace, parseRows, traceColumns } from '../../../node/store/trace-row.ts';
import { anyTraces, baseMs, traceOf } from '../../suites/any-trace.ts';

/** Texts that a row holds as they are. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .filter((text) => !text.includes('\0') && text.isWellFormed());
const count = fc.option(fc.nat(), { nil: undefined });
const name = fc.option(text, { nil: undefined });

const anyTrace: fc.Arbitrary<Trace> = fc.record({
  requestId: text,
  clientRequestId: name,
  user: name,
  key: text,
  node: text,
  account: name,
  provider: name,
  modelRequested: text,
  modelServed: name,
  protocolIn: text,
  protocolOut: name,
  status: fc.integer({ min: 100, max: 599 }),
  errorCode: name,
  attempts: fc.nat(),
  cache: fc.constantFrom('hit', 'miss', 'peer', 'redis', 'bypass'),
  queueWaitMs: fc.nat(),
  ttftMs: count,
  durationMs: fc.nat(),
  promptTokens: count,
  completionTokens: count,
  cacheCreationTokens: count,
  cacheReadTokens: count,
  usageEstimated: fc.boolean(),
  costNano: fc.option(fc.maxSafeNat(), { nil: undefined }),
  currency: name,
  startedAtMs: fc.nat(),
});

function decoded(encoded: string, { key, node }: Trace): Trace | undefined {
  return decodeTrace(JSON.parse(encoded) as unknown[], key, node);
}

describe('a row of a trace', () => {
  it('holds the whole trace, except key and node', () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        expect(decoded(encodeTrace(trace), trace)).toEqual(trace);
      }),
    );
  });

  it('has a place for each column, in this order for good', () => {
    expect(JSON.parse(encodeTrace(traceOf()))).toHaveLength(traceColumns.length);
    expect(encodeTrace(traceOf({ requestId: 'r', cacheReadTokens: 7, clientRequestId: 'c' }))).toBe(
      `[200,"r",${baseMs},1850.1,312.5,0,1,"miss","sonnet","claude-sonnet-4-5","a1","claude-custom","anthropic",` +
        '"anthropic",null,1200,340,0,7,0,8700000,"USD","u1","c"]',
    );
  });

  it('keeps times in whole milliseconds and durations in tenths', () => {
    const trace = traceOf({ startedAtMs: baseMs + 0.9, durationMs: 1.26, ttftMs: 0.04, queueWaitMs: 3.11111 });
    expect(decoded(encodeTrace(trace), trace)).toMatchObject({
      startedAtMs: baseMs,
      durationMs: 1.3,
      ttftMs: 0,
      queueWaitMs: 3.1,
    });
  });

  it('stays short whatever a client sends', () => {
    const long = '\u{1}"\\😀'.repeat(100_000);
    const trace = traceOf({ modelRequested: long, clientRequestId: long, errorCode: long });
    expect(encodeTrace(trace).length).toBeLessThan(4_000);
    expect(decoded(encodeTrace(trace), trace)?.promptTokens).toBe(1_200);
  });

  it('that holds anything else is a trace or none, and never an error', () => {
    const cell = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(200, 'x', null));
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 30 }), (row) => {
        const trace = decodeTrace(row, 'k', 'n');
        if (trace !== undefined) expect([typeof trace.status, typeof trace.requestId]).toEqual(['number', 'string']);
      }),
    );
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (rows) => Array.isArray(parseRows(rows))));
  });

  it('of a later version, with more columns, is read as far as it is known, and one with fewer as well', () => {
    const trace = traceOf();
    const row = JSON.parse(encodeTrace(trace)) as unknown[];
    expect(decodeTrace([...row, 'more'], 'k1', 'n1')).toEqual(trace);
    expect(decodeTrace(row.slice(0, 22), 'k1', 'n1')).toEqual({ ...trace, user: undefined });
  });
});

describe('groups of traces', () => {
  it('are by key and know their first and last start', () => {
    const at = (key: string, offset: number) => traceOf({ key, startedAtMs: baseMs + offset });
    expect(groupTraces([at('a', 5), at('b', 1), at('a', 2)])).toMatchObject([
      { key: 'a', fromMs: baseMs + 2, toMs: baseMs + 5, count: 2 },
      { key: 'b', fromMs: baseMs + 1, toMs: baseMs + 1, count: 1 },
    ]);
  });

  it('that are stored span a minute at most and hold all that was given', () => {
    const starts = fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(starts, (starts) => {
        const traces = starts.map((at) => traceOf({ startedAtMs: baseMs + at }));
        const stored = groupTraces(traces).flatMap(storableGroups);
        const rows = stored.flatMap((group) => parseRows(group.rows));
        expect(rows.map((row) => row[1]).sort()).toEqual(traces.map(({ requestId }) => requestId).sort());
        for (const { fromMs, toMs, count, rows } of stored) {
          const starts = parseRows(rows).map((row) => Number(row[2]));
          expect([fromMs, toMs, count]).toEqual([Math.min(...starts), Math.max(...starts), starts.length]);
          expect(toMs - fromMs).toBeLessThanOrEqual(groupSpanMsMax);
        }
      }),
    );
  });

  it('that are stored hold so many at most', () => {
    const traces = Array.from({ length: groupCountMax * 2 + 1 }, () => traceOf());
    expect(
      groupTraces(traces)
        .flatMap(storableGroups)
        .map(({ count }) => count),
    ).toEqual([groupCountMax, groupCountMax, 1]);
  });
});

describe('the texts of a filter', () => {
  it('are in the rows of every group that has a match', () => {
    const conditions = fc.record({
      user: fc.constantFrom(undefined, 'u1', 'u2'),
      model: fc.option(text, { nil: undefined }),
      status: fc.constantFrom(undefined, 2, 4, 429, 499),
    });
    fc.assert(
      fc.property(anyTraces, text, conditions, (traces, modelServed, { user, model, status }) => {
        const asked = { user, account: undefined, model: model ?? modelServed, status };
        const rows = joinRows([...traces, traceOf({ modelServed })].map(encodeTrace));
        const hasMatch = parseRows(rows).some(rowFilter(asked));
        if (hasMatch) for (const text of textsOf(asked)) expect(rows).toContain(text);
      }),
    );
  });
});

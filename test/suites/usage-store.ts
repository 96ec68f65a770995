import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Trace, TraceQuery, UsageGrouping, UsageQuery, UsageStore } from '../../node/store/contract.ts';
import { compareTraces } from '../../node/store/read-traces.ts';
import { groupTraces } from '../../node/store/trace-groups.ts';
import { cutAt, inPages, plainAnswer } from './trace-pages.ts';
import { anyTraces, baseMs, batchOf, cellOf, hostileTexts, traceOf } from './any-trace.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const all = { fromMs: 0, toMs: baseMs * 2, limit: 1_000 };

/** What every store of traces and usage must do. `open` gives an empty one each time; it is closed by the suite. */
export function usageStoreSuite(name: string, open: () => Promise<UsageStore>): void {
  describe(`store of usage on ${name}`, () => {
    let store: UsageStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    const write = (...traces: Trace[]) => store.write(batchOf({ traces }));
    const found = async (over: Partial<TraceQuery> = {}) => store.traces({ ...all, ...over });
    const usage = (groupBy: UsageGrouping, over: Partial<UsageQuery> = {}) =>
      store.usage({ groupBy, fromMs: baseMs, toMs: baseMs + 10 * dayMs, ...over });

    describe('traces', () => {
      it('come back as they were written', async () => {
        const full = traceOf({
          clientRequestId: 'c1',
          errorCode: 'x',
          cache: 'peer',
          usageEstimated: true,
          status: 500,
        });
        const bare = traceOf({
          startedAtMs: baseMs - 1,
          user: undefined,
          account: undefined,
          provider: undefined,
          modelServed: undefined,
          protocolOut: undefined,
          ttftMs: undefined,
          promptTokens: undefined,
          completionTokens: undefined,
          cacheCreationTokens: undefined,
          costNano: undefined,
          currency: undefined,
        });
        await write(bare, full);
        expect(await found()).toEqual([full, bare]);
        expect(await store.trace(full.requestId)).toEqual(full);
        expect(await store.trace(bare.requestId)).toEqual(bare);
      });

      it('are nothing in an empty store', async () => {
        expect(await found()).toEqual([]);
        expect(await store.trace(traceOf().requestId)).toBeUndefined();
        expect(await store.size()).toMatchObject({ traces: 0 });
      });

      it('are kept once, however often their batch is written', async () => {
        const batch = batchOf({
          traces: [traceOf()],
          usage: [cellOf()],
          prompts: [{ requestId: 'req_p', key: 'k1', expiresAtMs: 1, content: new Uint8Array([1]) }],
        });
        await Promise.all([store.write(batch), store.write(batch), store.write(batch)]);
        await store.write(batch);
        expect(await found()).toHaveLength(1);
        expect(await usage('key')).toMatchObject([{ requests: 1 }]);
        expect(await store.size()).toMatchObject({ traces: 1 });
      });

      it('are those of a span of time, its beginning included and its end not', async () => {
        const traces = [0, 1, 2, 3].map((at) => traceOf({ startedAtMs: baseMs + at }));
        await write(...traces);
        expect(await found({ fromMs: baseMs + 1, toMs: baseMs + 3 })).toEqual([traces[2], traces[1]]);
        expect(await found({ fromMs: baseMs + 3, toMs: baseMs + 3 })).toEqual([]);
      });

      it('are found by status, class of status, user, account and either name of the model', async () => {
        const kinds = [
          traceOf({ startedAtMs: baseMs + 3, status: 200 }),
          traceOf({ startedAtMs: baseMs + 2, status: 404, user: 'u2', account: '4' }),
          traceOf({ startedAtMs: baseMs + 1, status: 499, account: 'a2', modelRequested: 'other' }),
          traceOf({ startedAtMs: baseMs, status: 503, modelServed: undefined, key: 'k2' }),
        ];
        await write(...kinds);
        const indexes = async (over: Partial<TraceQuery>) =>
          (await found(over)).map(({ requestId }) => kinds.findIndex((kind) => kind.requestId === requestId));
        expect(await indexes({ status: 4 })).toEqual([1, 2]);
        expect(await indexes({ status: 499 })).toEqual([2]);
        expect(await indexes({ status: 49 })).toEqual([]);
        expect(await indexes({ user: 'u2' })).toEqual([1]);
        expect(await indexes({ account: 'a2' })).toEqual([2]);
        expect(await indexes({ model: 'other' })).toEqual([2]);
        expect(await indexes({ model: 'claude-sonnet-4-5' })).toEqual([0, 1, 2]);
        expect(await indexes({ key: 'k2' })).toEqual([3]);
        expect(await indexes({ key: 'k1', status: 2, user: 'u1' })).toEqual([0]);
      });

      it('have a strict order with pages, whatever overlaps, for every filter', async () => {
        const query = fc.record({
          key: fc.constantFrom(undefined, 'k1', 'k2'),
          user: fc.constantFrom(undefined, undefined, 'u1'),
          account: fc.constantFrom(undefined, undefined, 'a2'),
          model: fc.constantFrom(undefined, undefined, 'm1', 'm3', ...hostileTexts),
          status: fc.constantFrom(undefined, undefined, 4, 5, 499),
          fromMs: fc.integer({ min: -10, max: 3_600_000 }).map((at) => baseMs + at),
          toMs: fc.integer({ min: 5, max: 7_300_000 }).map((at) => baseMs + at),
          limit: fc.integer({ min: 1, max: 40 }),
        });
        const cuts = fc.array(fc.nat({ max: 120 }), { maxLength: 12 });
        await fc.assert(
          fc.asyncProperty(anyTraces, cuts, query, async (traces, cuts, query) => {
            await store.prune({ tracesBeforeMs: baseMs * 2, usageBeforeMs: 0, promptsBeforeMs: 0 });
            for (const part of cutAt(traces, cuts)) await write(...part);
            expect(await inPages(store, query)).toEqual(plainAnswer(traces, query).map(({ requestId }) => requestId));
          }),
          { numRuns: 40 },
        );
      });

      it('of requests that took hours are found by time, key and id', async () => {
        const starts = [0, 1, 59_999, 60_001, 3 * hourMs, 3 * hourMs, 30 * hourMs];
        const traces = starts.map((at) => traceOf({ startedAtMs: baseMs + at }));
        await write(...traces);
        expect(await found()).toEqual(traces.toSorted(compareTraces));
        for (const trace of traces) {
          expect(await store.trace(trace.requestId)).toEqual(trace);
          expect(await found({ fromMs: trace.startedAtMs, toMs: trace.startedAtMs + 1, limit: 1 })).toHaveLength(1);
        }
        expect(await store.size()).toMatchObject({ traces: 7 });
      });

      it('of a thousand times more in one group than elsewhere are all there', async () => {
        const many = Array.from({ length: 9_000 }, (_, index) => traceOf({ startedAtMs: baseMs + (index % 700) }));
        await write(...many);
        await write(traceOf({ startedAtMs: baseMs + 350 }));
        const ids = await inPages(store, { ...all, limit: 1_000 });
        expect(new Set(ids).size).toBe(9_001);
        expect(await store.size()).toMatchObject({ traces: 9_001 });
      });

      it('are found by an id only if it is one', async () => {
        await write(traceOf());
        for (const text of [...hostileTexts, '', 'req_', `req_${'z'.repeat(40)}`, 'x'.repeat(10_000)]) {
          expect(await store.trace(text)).toBeUndefined();
        }
      });

      it('whose clock was set while they began are found by their id all the same', async () => {
        const { requestId } = traceOf({ startedAtMs: baseMs - 300_000 });
        await write(traceOf({ requestId }));
        expect(await store.trace(requestId)).toMatchObject({ startedAtMs: baseMs });
      });
    });

    describe('usage', () => {
      it('adds up what the batches bring, cell by cell', async () => {
        await store.write(batchOf({ usage: [cellOf(), cellOf({ model: 'm2', errors: 1, estimated: 1 })] }));
        await store.write(batchOf({ usage: [cellOf({ requests: 4, costNano: 1 })], node: 'n2' }));
        await store.write(batchOf({ usage: [cellOf({ requests: 2 })] }));
        expect(await usage('model')).toEqual([
          {
            group: 'm1',
            currency: 'USD',
            requests: 7,
            errors: 0,
            promptTokens: 30,
            completionTokens: 15,
            cacheCreationTokens: 6,
            cacheReadTokens: 3,
            costNano: 201,
            estimated: 0,
          },
          expect.objectContaining({ group: 'm2', requests: 1, errors: 1, estimated: 1 }),
        ]);
      });

      it('is grouped by everything it knows, sorted, and never over currencies', async () => {
        const later = { hourMs: baseMs + hourMs };
        const usages = [
          cellOf({ user: '', account: 'B' }),
          cellOf({ ...later, key: 'k2', currency: 'EUR', account: 'a' }),
          cellOf({ hourMs: baseMs + 30 * hourMs, model: 'm2', user: 'é' }),
        ];
        await store.write(batchOf({ usage: usages }));
        const groups = async (groupBy: UsageGrouping) =>
          (await usage(groupBy)).map(({ group, currency }) => `${group} ${currency}`);
        const iso = (ms: number) => new Date(ms).toISOString();
        expect(await groups('key')).toEqual(['k1 USD', 'k2 EUR']);
        expect(await groups('user')).toEqual([' USD', 'u1 EUR', 'é USD']);
        expect(await groups('account')).toEqual(['B USD', 'a EUR', 'a1 USD']);
        expect(await groups('model')).toEqual(['m1 EUR', 'm1 USD', 'm2 USD']);
        expect(await groups('hour')).toEqual([
          `${iso(baseMs).slice(0, 13)}:00:00Z USD`,
          `${iso(baseMs + hourMs).slice(0, 13)}:00:00Z EUR`,
          `${iso(baseMs + 30 * hourMs).slice(0, 13)}:00:00Z USD`,
        ]);
        const days = [...new Set([0, 1, 30].map((hours) => iso(baseMs + hours * hourMs).slice(0, 10)))];
        expect(new Set((await groups('day')).map((text) => text.slice(0, 10)))).toEqual(new Set(days));
      });

      it('is that of a span of hours and of what is asked for', async () => {
        const usages = [
          cellOf(),
          cellOf({ hourMs: baseMs + hourMs, key: 'k2', requests: 2 }),
          cellOf({ hourMs: baseMs + 2 * hourMs, user: 'u2', requests: 4 }),
          cellOf({ hourMs: baseMs + 3 * hourMs, account: 'a2', model: 'm2', requests: 8 }),
        ];
        await store.write(batchOf({ usage: usages }));
        const requests = async (over: Partial<UsageQuery>) =>
          (await usage('hour', over)).reduce((sum, row) => sum + row.requests, 0);
        expect(await requests({})).toBe(15);
        expect(await requests({ fromMs: baseMs + hourMs, toMs: baseMs + 3 * hourMs })).toBe(6);
        expect(await requests({ key: 'k2' })).toBe(2);
        expect(await requests({ user: 'u2' })).toBe(4);
        expect(await requests({ account: 'a2' })).toBe(8);
        expect(await requests({ model: 'm1', key: 'k1' })).toBe(5);
        expect(await requests({ model: 'nobody' })).toBe(0);
      });

      it('adds up the same by hours, days and parts of days, also of what is left of a day', async () => {
        const cells = Array.from({ length: 80 }, (_, index) =>
          cellOf({ hourMs: baseMs + index * hourMs, requests: index + 1, key: `k${index % 3}` }),
        );
        for (const cell of cells) await store.write(batchOf({ usage: [cell] }));
        const prune = (usageBeforeMs: number) => store.prune({ tracesBeforeMs: 0, usageBeforeMs, promptsBeforeMs: 0 });
        for (const firstLeft of [0, 7, 30, 54]) {
          await prune(baseMs + firstLeft * hourMs);
          const span = fc.tuple(fc.integer({ min: -3, max: 83 }), fc.integer({ min: -3, max: 83 }));
          await fc.assert(
            fc.asyncProperty(span, fc.constantFrom(undefined, 'k1'), async ([from, to], key) => {
              const isAsked = (index: number) => index >= Math.max(from, firstLeft) && index < to;
              const expected = cells
                .filter((cell, index) => isAsked(index) && (key === undefined || cell.key === key))
                .reduce((sum, { requests }) => sum + requests, 0);
              for (const groupBy of ['model', 'day', 'hour'] as const) {
                const over = { fromMs: baseMs + from * hourMs, toMs: baseMs + to * hourMs, key };
                const rows = await usage(groupBy, over);
                expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(expected);
              }
            }),
            { numRuns: 25 },
          );
        }
        const dayBegin = Math.ceil((baseMs + 54 * hourMs) / dayMs) * dayMs;
        const left = cells.filter(({ hourMs }) => hourMs >= dayBegin).length;
        const sums = await store.sums('n1', dayBegin);
        expect(sums.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(left * 18);
      });

      it('does not break at sums that no integer of a driver holds', async () => {
        const costNano = Number.MAX_SAFE_INTEGER;
        for (let each = 0; each < 3; each++) await store.write(batchOf({ usage: [cellOf({ costNano })] }));
        expect((await usage('key'))[0]?.costNano).toBeCloseTo(3 * costNano, -3);
        expect((await store.sums('n1', baseMs))[0]?.costNano).toBeCloseTo(3 * costNano, -3);
      });

      it('gives what one node wrote since an hour, by key', async () => {
        const usages = [cellOf({ hourMs: baseMs - hourMs, requests: 9 }), cellOf(), cellOf({ key: 'k2', costNano: 7 })];
        await store.write(batchOf({ usage: usages }));
        await store.write(batchOf({ usage: [cellOf()], node: 'n2' }));
        const sums = await store.sums('n1', baseMs + 1_000);
        expect(sums.toSorted((left, right) => left.key.localeCompare(right.key))).toEqual([
          { key: 'k1', tokens: 18, costNano: 100 },
          { key: 'k2', tokens: 18, costNano: 7 },
        ]);
        expect(await store.sums('n3', 0)).toEqual([]);
      });
    });

    it('keeps prompts to the byte', async () => {
      const content = Uint8Array.from({ length: 256 }, (_, index) => index);
      const prompt = { requestId: 'req_1', key: 'k1', expiresAtMs: baseMs, content };
      await store.write(batchOf({ prompts: [prompt] }));
      const kept = await store.prompt('req_1');
      expect({ ...kept, content: Buffer.from(kept?.content ?? []) }).toEqual({
        ...prompt,
        content: Buffer.from(content),
      });
      expect(await store.prompt('req_2')).toBeUndefined();
    });

    it('takes SQL in every text for a text', async () => {
      for (const text of hostileTexts) {
        const trace = traceOf({
          clientRequestId: text,
          user: text,
          key: text,
          node: text,
          account: text,
          modelRequested: text,
          modelServed: text,
          errorCode: text,
        });
        const cell = cellOf({ key: text, user: text, account: text, model: text, currency: text });
        const prompts = [{ requestId: text, key: text, expiresAtMs: baseMs, content: new Uint8Array([7]) }];
        await store.write(batchOf({ id: text, node: text, groups: groupTraces([trace]), usage: [cell], prompts }));
        expect(await found({ key: text, user: text, account: text, model: text })).toEqual([trace]);
        for (const groupBy of ['key', 'user', 'account', 'model'] as const) {
          const [row] = await usage(groupBy, { key: text, user: text, account: text, model: text });
          expect(row).toMatchObject({ group: text, currency: text, requests: 1 });
        }
        expect(await store.sums(text, 0)).toMatchObject([{ key: text, tokens: 18 }]);
        expect(await store.prompt(text)).toMatchObject({ key: text });
      }
      expect(await found()).toHaveLength(hostileTexts.length);
    });

    it('mends texts that no database takes and cuts long ones, and finds them by what they were', async () => {
      for (const text of ['a\0b', '\ud800', 'x'.repeat(100_000)]) {
        await store.write(batchOf({ traces: [traceOf({ modelRequested: text })], usage: [cellOf({ model: text })] }));
        const [trace] = await found({ model: text });
        expect(trace?.modelRequested.length).toBeLessThanOrEqual(128);
        expect(await usage('model', { model: text })).toMatchObject([{ requests: 1 }]);
      }
    });

    it('writes nothing of a batch that it refuses, and goes on', async () => {
      const good = { traces: [traceOf()], usage: [cellOf()] };
      const unreadable = { key: 'k1', fromMs: baseMs, toMs: baseMs + hourMs, count: 2, rows: 'no JSON' };
      const { groups } = batchOf(good);
      await expect(store.write(batchOf({ ...good, groups: [...groups, unreadable] }))).rejects.toThrow(
        expect.objectContaining({ code: 'store_batch_refused' }),
      );
      const nobodys = cellOf({ requests: Number.NaN });
      await expect(store.write(batchOf({ ...good, usage: [cellOf(), nobodys] }))).rejects.toThrow(
        expect.objectContaining({ code: 'store_batch_refused' }),
      );
      expect(await found()).toEqual([]);
      expect(await usage('key')).toEqual([]);
      await store.write(batchOf(good));
      expect(await found()).toHaveLength(1);
    });

    it('deletes what is older, and tells how much', async () => {
      const starts = Array.from({ length: 1_300 }, (_, index) => baseMs + index * 1_000);
      for (const startedAtMs of starts) await write(traceOf({ startedAtMs }));
      const hours = Array.from({ length: 700 }, (_, index) => cellOf({ hourMs: baseMs + index * hourMs }));
      const prompts = [1, 2, 3].map((at) => ({
        requestId: `req_${at}`,
        key: 'k1',
        expiresAtMs: baseMs + at,
        content: new Uint8Array(10),
      }));
      await store.write(batchOf({ usage: hours, prompts }));
      const limits = {
        tracesBeforeMs: baseMs + 1_200_000,
        usageBeforeMs: baseMs + 600 * hourMs,
        promptsBeforeMs: baseMs + 3,
      };
      expect(await store.prune(limits)).toEqual({ traces: 1_200, usage: 600, prompts: 2 });
      expect(await store.prune(limits)).toEqual({ traces: 0, usage: 0, prompts: 0 });
      expect(await found()).toHaveLength(100);
      expect(await store.size()).toMatchObject({ traces: 100 });
      expect(await usage('key', { toMs: baseMs + 700 * hourMs })).toMatchObject([{ requests: 100 }]);
      expect(await store.prompt('req_3')).toBeDefined();
      expect(await store.prompt('req_2')).toBeUndefined();
    });

    it('takes writes while it deletes', async () => {
      for (let each = 0; each < 20; each++) {
        await write(...Array.from({ length: 1_000 }, (_, index) => traceOf({ startedAtMs: baseMs + index })));
      }
      const pruning = store.prune({ tracesBeforeMs: baseMs + dayMs, usageBeforeMs: 0, promptsBeforeMs: 0 });
      const writing = [1, 2, 3].map((day) => write(traceOf({ startedAtMs: baseMs + day * 2 * dayMs })));
      await Promise.all(writing);
      expect(await pruning).toMatchObject({ traces: 20_000 });
      expect(await found()).toHaveLength(3);
    });

    it('tells its size on disk', async () => {
      await write(...Array.from({ length: 2_000 }, () => traceOf()));
      expect((await store.size()).bytes).toBeGreaterThan(200_000);
    });

    it('does nothing more once it is closed', async () => {
      await write(traceOf());
      await store.close();
      await expect(write(traceOf())).rejects.toThrow(expect.objectContaining({ code: 'store_closed' }));
      await expect(found()).rejects.toThrow(expect.objectContaining({ code: 'store_closed' }));
      await store.close();
    });
  });
}

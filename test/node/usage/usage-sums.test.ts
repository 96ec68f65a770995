import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Trace } from '../../../node/store/contract.ts';
import { UsageSums } from '../../../node/usage/usage-sums.ts';
import { aTrace } from './a-trace.ts';

const hourMs = 3_600_000;

function sumsOf(traces: readonly Trace[]) {
  const sums = new UsageSums();
  for (const trace of traces) sums.add(trace);
  return sums.take();
}

describe('sums of usage', () => {
  it('are one for each hour, key, user, account, model and currency', () => {
    const traces = [
      aTrace(),
      aTrace({ startedAtMs: 1_700_000_000_000 + hourMs }),
      aTrace({ key: 'key_2' }),
      aTrace({ user: undefined }),
      aTrace({ account: undefined }),
      aTrace({ modelServed: undefined }),
      aTrace({ currency: undefined, costNano: undefined }),
    ];
    expect(sumsOf([...traces, ...traces]).map(({ requests }) => requests)).toEqual([2, 2, 2, 2, 2, 2, 2]);
    expect(sumsOf([aTrace({ modelServed: undefined })])[0]?.model).toBe('gpt-4o-mini');
    expect(sumsOf([aTrace()])[0]?.hourMs).toBe(1_699_999_200_000);
  });

  it('count errors by status and by what broke after it', () => {
    const traces = [aTrace(), aTrace({ status: 429 }), aTrace({ errorCode: 'upstream_cut' }), aTrace({ status: 399 })];
    expect(sumsOf(traces)[0]).toMatchObject({ requests: 4, errors: 2 });
  });

  it('are one for all failures with names of models that no account was asked for', () => {
    const failed = Array.from({ length: 100 }, (_, each) =>
      aTrace({ status: 404, account: undefined, modelServed: undefined, modelRequested: `made-up-${each}` }),
    );
    const sums = sumsOf([aTrace({ modelServed: 'real' }), ...failed, aTrace({ modelServed: 'real', status: 502 })]);
    expect(sums.map(({ model, requests, errors }) => [model, requests, errors])).toEqual([
      ['real', 2, 1],
      ['', 100, 100],
    ]);
  });

  it('tell apart no more than some models that have only failed', () => {
    const failed = Array.from({ length: 1_000 }, (_, each) => aTrace({ status: 404, modelServed: `made-up-${each}` }));
    const sums = sumsOf(failed);
    expect(sums).toHaveLength(257);
    expect(sums.find(({ model }) => model === '')?.errors).toBe(744);
  });

  it('take no count that cannot be one', () => {
    const trace = aTrace({ promptTokens: Number.NaN, completionTokens: -5, cacheReadTokens: 1.5, costNano: Infinity });
    expect(sumsOf([trace, aTrace()])[0]).toMatchObject({
      requests: 2,
      promptTokens: 100,
      completionTokens: 20,
      cacheReadTokens: 0,
      costNano: 27_000,
    });
  });

  it('hold no text that a database refuses', () => {
    const [sum] = sumsOf([aTrace({ modelServed: `a\0b\ud800${'x'.repeat(5_000)}` })]);
    expect(sum?.model.startsWith('a\u{fffd}b\u{fffd}x')).toBe(true);
    expect(sum?.model.length).toBeLessThan(300);
  });

  it('lose and add nothing', () => {
    const count = fc.option(fc.nat(1_000_000), { nil: undefined });
    const trace = fc
      .record({
        key: fc.constantFrom('a', 'b'),
        modelServed: fc.constantFrom('x', 'y', undefined),
        startedAtMs: fc.nat(3 * hourMs),
        promptTokens: count,
        completionTokens: count,
        cacheCreationTokens: count,
        cacheReadTokens: count,
        costNano: count,
        usageEstimated: fc.boolean(),
      })
      .map(aTrace);
    fc.assert(
      fc.property(fc.array(trace, { maxLength: 200 }), (traces) => {
        const sums = sumsOf(traces);
        const total = (read: (each: never) => number | undefined, of: readonly object[]) =>
          of.reduce((sum, each) => sum + (read(each as never) ?? 0), 0);
        for (const name of ['promptTokens', 'completionTokens', 'cacheCreationTokens', 'cacheReadTokens'] as const) {
          const read = (each: Trace) => each[name];
          expect(total(read, sums)).toBe(total(read, traces));
        }
        expect(total((each: Trace) => each.costNano, sums)).toBe(total((each: Trace) => each.costNano, traces));
        expect(total((sum: { requests: number }) => sum.requests, sums)).toBe(traces.length);
        const estimated = traces.filter(({ usageEstimated }) => usageEstimated).length;
        expect(total((sum: { estimated: number }) => sum.estimated, sums)).toBe(estimated);
      }),
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suspicionMs } from '../../../cluster/membership/suspicion.ts';

describe('a suspicion', () => {
  const span = { minMs: 800, maxMs: 2400, wanted: 2 };

  it('lasts longest alone and shortest with all confirmations, the first of which counts most', () => {
    expect(suspicionMs(0, span)).toBe(2400);
    expect(suspicionMs(2, span)).toBeCloseTo(800);
    const first = suspicionMs(0, span) - suspicionMs(1, span);
    expect(first).toBeGreaterThan(suspicionMs(1, span) - suspicionMs(2, span));
  });

  it('lasts shortest where nobody else could confirm', () => {
    expect(suspicionMs(0, { ...span, wanted: 0 })).toBe(800);
    expect(suspicionMs(0, { ...span, wanted: -1 })).toBe(800);
  });

  it('never lasts longer with more confirmations, and stays within its bounds', () => {
    fc.assert(
      fc.property(fc.nat(10), fc.nat(10), fc.nat(5000), fc.nat(5000), (confirmations, wanted, minMs, moreMs) => {
        const bounds = { minMs, maxMs: minMs + moreMs, wanted };
        const now = suspicionMs(confirmations, bounds);
        expect(now).toBeGreaterThanOrEqual(minMs);
        expect(now).toBeLessThanOrEqual(minMs + moreMs);
        expect(suspicionMs(confirmations + 1, bounds)).toBeLessThanOrEqual(now);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { requestIdTimeMs, RequestIds, seededRandom } from '../../kit/random.ts';
import { ManualClock } from '../manual-clock.ts';

function idsAt(clock: ManualClock, seed = 1): () => string {
  const ids = new RequestIds(seededRandom(seed), clock);
  return () => ids.next(clock.monotonicMs());
}

describe('ids of requests', () => {
  it('differ within a process and across processes that start in the same second', () => {
    const clock = new ManualClock();
    const made = [1, 2, 3].flatMap((seed) => Array.from({ length: 2_000 }, idsAt(clock, seed)));
    expect(new Set(made).size).toBe(6_000);
  });

  it('have one length and letters that need no quoting anywhere', () => {
    const clock = new ManualClock();
    const next = idsAt(clock);
    for (let each = 0; each < 100; each++) {
      expect(next()).toMatch(/^req_[0-9a-z]{21}$/);
      clock.advance(10_007);
    }
  });

  it('say when they were made, two seconds early at most', () => {
    const clock = new ManualClock(1_700_000_000_123);
    const next = idsAt(clock);
    for (const stepMs of [0, 1, 999, 1, 500, 60_000, 3_600_000, 877]) {
      clock.advance(stepMs);
      const madeMs = requestIdTimeMs(next()) ?? 0;
      expect(madeMs).toBeLessThanOrEqual(clock.nowMs());
      expect(madeMs).toBeGreaterThan(clock.nowMs() - 2_000);
    }
  });

  it('sort by their time, second by second', () => {
    const clock = new ManualClock(1_000);
    const next = idsAt(clock);
    const made = Array.from({ length: 50 }, () => {
      clock.advance(50_000_000_000);
      return next();
    });
    expect(made.toSorted()).toEqual(made);
  });

  it.each([
    '',
    'req_',
    'req_1',
    'chatcmpl-1',
    `req_${'a'.repeat(60)}`,
    'req_0000000-------------',
    'REQ_000000012345678123456',
  ])('are not what %s is', (text) => expect(requestIdTimeMs(text)).toBeUndefined());
});

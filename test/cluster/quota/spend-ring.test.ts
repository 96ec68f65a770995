import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portionOf } from '../../../cluster/quota/portion.ts';
import { SpendRing } from '../../../cluster/quota/spend-ring.ts';

interface Spend {
  atMs: number;
  amount: number;
}

/** What was taken within the window of true length, and within one that is a slot and the drift of a clock longer. */
function countsOf(spends: readonly Spend[], nowMs: number, windowMs: number): { least: number; most: number } {
  const within = (ms: number) =>
    spends.filter(({ atMs }) => atMs > nowMs - ms).reduce((sum, { amount }) => sum + amount, 0);
  return { least: within(windowMs), most: within(windowMs * 1.01 * (1 + 1 / 60) + 1) };
}

const steps = fc.array(fc.record({ gapMs: fc.nat(900), lateMs: fc.nat(500), amount: fc.integer({ min: 1, max: 9 }) }), {
  minLength: 1,
  maxLength: 120,
});

describe('what was taken within a window', () => {
  it('counts for no less than the window and a slot longer at most, whenever it is looked at', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(1000, 6000, 60_000), (all, windowMs) => {
        const ring = new SpendRing(windowMs);
        const spends: Spend[] = [];
        let nowMs = 5000;
        for (const { gapMs, lateMs, amount } of all) {
          nowMs += gapMs;
          ring.pass(nowMs);
          ring.add(nowMs - lateMs, amount);
          spends.push({ atMs: nowMs - lateMs, amount });
          const { least, most } = countsOf(spends, nowMs, windowMs);
          expect(ring.total).toBeGreaterThanOrEqual(least);
          expect(ring.total).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  it('never counts less than was taken after some of it was given back, whichever it was', () => {
    fc.assert(
      fc.property(steps, fc.nat(200), fc.nat(9), (all, which, part) => {
        const windowMs = 6000;
        const [ring, elsewhere] = [new SpendRing(windowMs), new SpendRing(windowMs)];
        const spends: Spend[] = [];
        let nowMs = 0;
        for (const [index, { gapMs, amount }] of all.entries()) {
          nowMs += gapMs;
          for (const each of [ring, elsewhere]) each.pass(nowMs);
          (index % 3 === 0 ? elsewhere : ring).add(nowMs, amount);
          spends.push({ atMs: nowMs, amount });
        }
        const corrected = spends[which % spends.length] as Spend;
        const back = Math.min(part, corrected.amount);
        ring.remove(corrected.atMs, back);
        corrected.amount -= back;
        for (let passedMs = 0; passedMs < windowMs * 1.1; passedMs += 100) {
          for (const each of [ring, elsewhere]) each.pass(nowMs + passedMs);
          const { least } = countsOf(spends, nowMs + passedMs, windowMs);
          expect(ring.total + elsewhere.total).toBeGreaterThanOrEqual(least);
        }
      }),
    );
  });

  it('says when so many units are gone, and when all are', () => {
    const ring = new SpendRing(60_000);
    ring.pass(1000);
    ring.add(1000, 5);
    ring.pass(31_000);
    ring.add(31_000, 3);
    expect(ring.untilGoneMs(5, 31_000)).toBeGreaterThanOrEqual(30_000);
    expect(ring.untilGoneMs(5, 31_000)).toBeLessThan(33_000);
    expect(ring.untilGoneMs(6, 31_000)).toBeGreaterThanOrEqual(60_000);
    expect(ring.untilGoneMs(9, 31_000)).toBeUndefined();
    expect(ring.untilEmptyMs(31_000)).toBe(ring.untilGoneMs(8, 31_000));
    ring.pass(31_000 + ring.untilEmptyMs(31_000));
    expect([ring.total, ring.untilEmptyMs(200_000)]).toEqual([0, 0]);
  });
});

describe('portions of a limit', () => {
  it('are the limit together, differ by one at most, and are nobody else’s', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 9 }),
        fc.nat(100_000),
        fc.string({ minLength: 1 }),
        (voters, limit, bucket) => {
          const portions = voters.map((voter) => portionOf(bucket, limit, voters, voter));
          expect(portions.reduce((sum, each) => sum + each, 0)).toBe(limit);
          expect(Math.max(...portions) - Math.min(...portions)).toBeLessThanOrEqual(1);
          expect(portionOf(bucket, limit, voters, 'NOBODY')).toBe(0);
        },
      ),
    );
  });

  it('give what does not divide to others in other buckets', () => {
    const voters = ['n1', 'n2', 'n3'];
    const lucky = new Set(
      Array.from({ length: 50 }, (_, index) => voters.find((node) => portionOf(`k${index}`, 1, voters, node) === 1)),
    );
    expect(lucky).toEqual(new Set(voters));
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactPrice, type TokenCounts } from '../../../node/usage/exact-price.ts';

const none = { prompt: undefined, completion: undefined, cacheRead: undefined, cacheWrite: undefined };
const million = 1_000_000;

function cost(prices: Partial<TokenCounts> & { per?: number }, counts: Partial<TokenCounts>): number {
  return new ExactPrice({ ...none, per: million, ...prices }).costNano({ ...none, ...counts });
}

describe('a price', () => {
  it('costs what people wrote, in nano-units', () => {
    expect(cost({ prompt: 0.15 }, { prompt: 1 })).toBe(150);
    expect(cost({ prompt: 0.15, completion: 0.6 }, { prompt: 1_000, completion: 10 })).toBe(156_000);
    expect(cost({ prompt: 3, per: 1_000 }, { prompt: 7 })).toBe(21_000_000);
  });

  it('prices each kind apart', () => {
    const prices = { prompt: 3, completion: 15, cacheRead: 0.3, cacheWrite: 3.75 };
    expect(cost(prices, { prompt: 1, completion: 10, cacheRead: 100, cacheWrite: 1_000 })).toBe(
      3_000 + 150_000 + 30_000 + 3_750_000,
    );
  });

  it('takes the prompt price for the cache where that has none, and nothing where nothing is known', () => {
    expect(cost({ prompt: 3 }, { cacheRead: 2, cacheWrite: 5 })).toBe(21_000);
    expect(cost({ prompt: 3, cacheRead: 0 }, { cacheRead: 2, cacheWrite: 5 })).toBe(15_000);
    expect(cost({ completion: 3 }, { prompt: 2, cacheRead: 2, cacheWrite: 5 })).toBe(0);
    expect(cost({ prompt: 3, completion: 15 }, { completion: 1 })).toBe(15_000);
  });

  it('rounds once, half away from zero', () => {
    const half = { prompt: 0.5, completion: 0.25, per: 1_000_000_000 };
    expect(cost(half, { prompt: 1 })).toBe(1);
    expect(cost(half, { prompt: 3 })).toBe(2);
    expect(cost(half, { completion: 1 })).toBe(0);
    expect(cost(half, { prompt: 1, completion: 1 })).toBe(1);
    expect(cost(half, { completion: 2 })).toBe(1);
  });

  it('is exact where floating point is not', () => {
    // 0.1 + 0.2 and 1.005 are not what they look like in binary.
    expect(cost({ prompt: 1.005, per: 1_000_000_000 }, { prompt: 1_000 })).toBe(1_005);
    expect(cost({ prompt: 1e-7, per: 1 }, { prompt: 3 })).toBe(300);
    expect(cost({ prompt: 1e-9, per: 1 }, { prompt: Number.MAX_SAFE_INTEGER })).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('stops at what a number can hold', () => {
    expect(cost({ prompt: million, per: 1 }, { prompt: Number.MAX_SAFE_INTEGER })).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('is what whole numbers without bounds give, for any prices and counts', () => {
    const amount = fc.tuple(fc.nat(1_000_000_000), fc.nat(12)).map(([digits, places]) => ({ digits, places }));
    const count = fc.oneof(fc.nat(2_000_000), fc.maxSafeNat());
    const per = fc.integer({ min: 1, max: 1_000_000_000 });
    fc.assert(
      fc.property(fc.tuple(amount, amount), fc.tuple(count, count), per, ([one, other], [prompt, completion], per) => {
        const prices = { prompt: valueOf(one), completion: valueOf(other), per };
        const sum =
          BigInt(one.digits) * 10n ** BigInt(12 - one.places) * BigInt(prompt) +
          BigInt(other.digits) * 10n ** BigInt(12 - other.places) * BigInt(completion);
        const divisor = BigInt(per) * 1_000n;
        const exact = (2n * sum + divisor) / (2n * divisor);
        const bounded = exact > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(exact);
        expect(cost(prices, { prompt, completion })).toBe(bounded);
      }),
    );
  });
});

function valueOf({ digits, places }: { digits: number; places: number }): number {
  return Number(`${digits}e-${places}`);
}

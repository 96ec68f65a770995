import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashBytes, hashString } from '../../../node/routing/hash.ts';

test('hashes are unsigned 32 bits, alike for alike input, and spread', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const hash = hashString(text);
      expect(hash).toBe(hashString(text));
      expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true);
    }),
  );
  const buckets = Array.from({ length: 16 }, () => 0);
  for (let each = 0; each < 16_000; each++) {
    const bucket = hashString(`10.0.${each >>> 8}.${each & 255}`) >>> 28;
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test('of long spans the beginning, the end and the length count', () => {
  const long = Buffer.alloc(1_000_000, 'x');
  const hash = hashBytes(long);
  const changed = (at: number) => {
    const copy = Buffer.from(long);
    copy[at] = 0;
    return hashBytes(copy);
  };
  expect(changed(0)).not.toBe(hash);
  expect(changed(999_999)).not.toBe(hash);
  expect(hashBytes(long, 0, 999_999)).not.toBe(hash);
  expect(hashBytes(Buffer.from('--abc--'), 2, 5)).toBe(hashBytes(Buffer.from('abc')));
});

import { decode, encode } from '@msgpack/msgpack';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Hash64 } from '../../cluster/hash64.ts';
import { hashPlain, isSamePlain, plainCopy } from '../../cluster/plain-value.ts';

const anything = fc.anything({ withBigInt: false, withDate: false, withTypedArray: false, maxDepth: 4 });

function hashOf(value: unknown): string {
  const { high, low } = hashPlain(new Hash64(), value);
  return `${high}:${low}`;
}

describe('a plain value', () => {
  it('is the same at every member after its way over the wire', () => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.uint8Array()), (value) => {
        const plain = plainCopy(value, 100_000);
        if (plain === undefined) return;
        const arrived = plainCopy(decode(encode(plain.value)), 100_000);
        expect(isSamePlain(arrived?.value, plain.value)).toBe(true);
        expect(hashOf(arrived?.value)).toBe(hashOf(plain.value));
        expect(encode(plain.value).length).toBeLessThanOrEqual(plain.bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('says what its copy says, as far as it can travel', () => {
    expect(plainCopy({ a: undefined, b: [undefined, -0, 'x\ud800'], c: null }, 100)?.value).toEqual({
      b: [null, 0, 'x\ufffd'],
      c: null,
    });
  });

  it.each([
    ['a function', () => 1],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a big integer', 1n],
    ['an own key __proto__', JSON.parse('{"__proto__": 1}')],
    ['more than it may be', 'x'.repeat(101)],
    ['many small things', Array.from({ length: 101 }, () => null)],
    ['bytes without end', new Uint8Array(101)],
  ])('is not %s', (_name, value) => {
    expect(plainCopy(value, 100)).toBeUndefined();
    expect(plainCopy({ in: [value] }, 100)).toBeUndefined();
  });

  it('is not a thing that contains itself', () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(plainCopy(loop, 1_000_000)).toBeUndefined();
  });

  it('shares nothing with what it was made of', () => {
    const bytes = Buffer.from('abc');
    const copy = plainCopy({ bytes, list: [1] }, 100)?.value as { bytes: Uint8Array };
    bytes[0] = 0;
    expect(copy.bytes).toEqual(new Uint8Array([97, 98, 99]));
    expect(Buffer.isBuffer(copy.bytes)).toBe(false);
  });

  it('differs from another exactly when it says something else', () => {
    fc.assert(
      fc.property(anything, anything, (left, right) => {
        const [one, other] = [plainCopy(left, 10_000), plainCopy(right, 10_000)];
        if (one === undefined || other === undefined) return;
        expect(isSamePlain(one.value, other.value)).toBe(hashOf(one.value) === hashOf(other.value));
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order of its fields', () => {
    expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }));
    expect(isSamePlain({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(isSamePlain([1], new Uint8Array([1]))).toBe(false);
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LengthPrefixedReader, withLength } from '../../../cluster/transport/length-prefixed.ts';

const bytes = (lengthMax: number) => fc.uint8Array({ maxLength: lengthMax });

/** Cuts `whole` at the given places. */
function cut(whole: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (whole.length + 1))), whole.length].sort((a, b) => a - b);
  return ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end));
}

describe('messages with a length before them', () => {
  test('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(bytes(300), { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        (messages, places) => {
          const read: Uint8Array[] = [];
          const reader = new LengthPrefixedReader(300, (message) => read.push(message) > 0);
          const whole = new Uint8Array(Buffer.concat(messages.map((message) => withLength(message))));
          for (const piece of cut(whole, places)) expect(reader.push(piece)).toBeUndefined();
          expect(read).toEqual(messages);
        },
      ),
    );
  });

  test('are copies', () => {
    const read: Uint8Array[] = [];
    const chunk = withLength(Uint8Array.of(1, 2, 3), Uint8Array.of(9));
    new LengthPrefixedReader(10, (message) => read.push(message) > 0).push(chunk);
    chunk.fill(0);
    expect(read).toEqual([Uint8Array.of(9, 1, 2, 3)]);
  });

  test('may be of any length up to the bound; nothing is read after one beyond it', () => {
    const read: number[] = [];
    const reader = new LengthPrefixedReader(200_000, (message) => read.push(message.length) > 0);
    expect(reader.push(withLength(new Uint8Array(200_000)))).toBeUndefined();
    const tooLong = withLength(new Uint8Array(200_001));
    expect(reader.push(tooLong.subarray(0, 4))).toBe('too_long');
    expect(reader.push(withLength(new Uint8Array(1)))).toBe('too_long');
    expect(read).toEqual([200_000]);
  });

  test('are not read on once the reader of them has had enough', () => {
    const read: number[] = [];
    const reader = new LengthPrefixedReader(10, (message) => read.push(message.length) < 2);
    const three = Buffer.concat([1, 2, 3].map((length) => withLength(new Uint8Array(length))));
    expect(reader.push(three)).toBe('stopped');
    expect(read).toEqual([1, 2]);
  });

  test('never throw at garbage', () => {
    fc.assert(
      fc.property(fc.array(bytes(50), { maxLength: 20 }), (pieces) => {
        const reader = new LengthPrefixedReader(1000, (message) => message.length <= 1000);
        for (const piece of pieces) reader.push(piece);
      }),
    );
  });

  test('cost memory by what came and not by what was announced', () => {
    const readers = Array.from({ length: 200 }, () => new LengthPrefixedReader(100_000_000, () => true));
    const before = process.memoryUsage().arrayBuffers;
    for (const reader of readers) reader.push(Uint8Array.of(5, 0xf5, 0xe1, 0, 1));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 100_000);
  });
});

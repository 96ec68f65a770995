import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MarkerScanner } from '../../../bench/load/marker.ts';

test('finds every marker, however the bytes are cut', () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 999_999 }), { maxLength: 6 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 9 }), (streams, size) => {
      const bytes = Buffer.from(streams.map((stream) => `data: ~${String(stream).padStart(6, '0')} word`).join('\n'));
      const found: number[] = [];
      const scanner = new MarkerScanner((stream) => found.push(stream));
      for (let start = 0; start < bytes.length; start += size) {
        scanner.scan(bytes, start, Math.min(bytes.length, start + size));
      }
      expect(found).toEqual(streams);
    }),
  );
});

test('looks no further than it is told', () => {
  const found: number[] = [];
  new MarkerScanner((stream) => found.push(stream)).scan(Buffer.from('abc ~000007'), 0, 4);
  expect(found).toEqual([]);
});

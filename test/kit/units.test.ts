import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../kit/units.ts';

describe('parseDuration', () => {
  it.each([
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['24h', 86_400_000],
    ['1d', 86_400_000],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['300', 300_000],
    [' 10S ', 10_000],
    [60, 60_000],
    [0.5, 500],
    ['0', 0],
  ])('reads %j', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each([
    '',
    'soon',
    '5 m',
    '-1s',
    '5x',
    '1h30',
    's',
    -1,
    Number.NaN,
    Infinity,
    null,
    undefined,
    true,
    {},
    '9'.repeat(400),
  ])('refuses %j', (value) => {
    expect(parseDuration(value)).toBeUndefined();
  });

  it('reads back what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000_000 }), (durationMs) => {
        expect(parseDuration(formatDuration(durationMs))).toBe(durationMs);
      }),
    );
  });
});

it('has no form that reads for long', () => {
  expect(parseDuration(`${'1h'.repeat(10_000)}x`)).toBeUndefined();
});

describe('parseSize', () => {
  it.each([
    ['32MB', 32_000_000],
    ['32mb', 32_000_000],
    ['1GiB', 1_073_741_824],
    ['1.5KB', 1_500],
    ['512 b', 512],
    ['100', 100],
    [100, 100],
  ])('reads %j', (text, expected) => {
    expect(parseSize(text)).toBe(expected);
  });

  it.each(['', 'big', '5TB', '-1', -1, 1.5, null, '1'.repeat(30) + 'GB'])('refuses %j', (value) => {
    expect(parseSize(value)).toBeUndefined();
  });

  it('reads back what formatSize writes', () => {
    fc.assert(
      fc.property(fc.nat(), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
    );
  });
});

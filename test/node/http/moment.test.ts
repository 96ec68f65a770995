import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoOf, momentOf } from '../../../node/http/moment.ts';

describe('a moment', () => {
  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2026-01-31T12:34', '2026-01-31T12:34:00.000Z'],
    ['2026-01-31T12:34:56.7891', '2026-01-31T12:34:56.789Z'],
    ['2026-01-31 12:34:56Z', '2026-01-31T12:34:56.000Z'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31T12:00:00 02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31T23:00:00-02:30', '2026-02-01T01:30:00.000Z'],
    // A bare year is a number of seconds.
    ['2026', '1970-01-01T00:33:46.000Z'],
    ['0', '1970-01-01T00:00:00.000Z'],
    ['1700000000.5', '2023-11-14T22:13:20.500Z'],
    ['253402300799', '9999-12-31T23:59:59.000Z'],
  ])('%s is %s', (text, iso) => expect(isoOf(momentOf(text))).toBe(iso));

  it.each([
    '',
    ' ',
    'now',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-01-31T24:00',
    '2026-01-31T12:60',
    '2026-01-31T12',
    '2026-1-1',
    '2026-01-31T12:00:00+19:00',
    '1969-12-31',
    '-5',
    '1e9',
    '0x10',
    '1700000000000',
    '2026-01-31T00:00:00Z;DROP TABLE keys',
    '٢٠٢٦-٠١-٠١',
  ])('%j is none', (text) => expect(momentOf(text)).toBeUndefined());

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (momentMs) => {
        expect(momentOf(isoOf(momentMs) ?? '')).toBe(momentMs);
      }),
    );
  });

  it('agrees with the calendar about every text of its form', () => {
    const two = fc.integer({ min: 0, max: 99 }).map((number) => String(number).padStart(2, '0'));
    fc.assert(
      fc.property(fc.integer({ min: 1970, max: 9999 }), two, two, (year, month, day) => {
        const text = `${year}-${month}-${day}`;
        const date = new Date(`${text}T00:00:00Z`);
        const isDay = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
        expect(momentOf(text)).toBe(isDay ? date.getTime() : undefined);
      }),
    );
  });
});

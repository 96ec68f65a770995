import { describe, expect, it } from 'vitest';
import { clientDirectives, forbidsKeeping } from '../../../node/cache/directives.ts';
import { tagLengthMax, tagsMax, tagsOf } from '../../../node/cache/tags.ts';

describe('Cache-Control of a client', () => {
  it.each([
    [undefined, undefined, { noStore: false, noCache: false, ageMsMax: Infinity }],
    ['No-Store', undefined, { noStore: true, noCache: false, ageMsMax: Infinity }],
    ['max-age=60, no-cache', undefined, { noStore: false, noCache: true, ageMsMax: 60_000 }],
    ['max-age="5"', undefined, { noStore: false, noCache: false, ageMsMax: 5000 }],
    ['max-age=0', undefined, { noStore: false, noCache: true, ageMsMax: 0 }],
    ['max-age=x', undefined, { noStore: false, noCache: false, ageMsMax: Infinity }],
    [undefined, 'no-cache', { noStore: false, noCache: true, ageMsMax: Infinity }],
    // Pragma counts only without Cache-Control (RFC 9111, section 5.4).
    ['max-age=9', 'no-cache', { noStore: false, noCache: false, ageMsMax: 9000 }],
    ['x-no-store-y', undefined, { noStore: false, noCache: false, ageMsMax: Infinity }],
    ['a,'.repeat(2000), undefined, { noStore: true, noCache: false, ageMsMax: Infinity }],
  ])('%s, Pragma %s', (cacheControl, pragma, expected) => {
    expect(clientDirectives(cacheControl, pragma)).toEqual(expected);
  });
});

describe('Cache-Control of an upstream', () => {
  it.each([
    [undefined, false],
    ['private, max-age=0', false],
    ['no-cache', false],
    ['private, no-store', true],
    [['private', 'No-Store'], true],
  ])('%s', (value, expected) => {
    expect(forbidsKeeping(value)).toBe(expected);
  });
});

describe('tags', () => {
  it('are names between commas, each once, bounded', () => {
    expect(tagsOf(undefined)).toEqual([]);
    expect(tagsOf(' a, b ,,a')).toEqual(['a', 'b']);
    expect(tagsOf(['a', 'c'])).toEqual(['a', 'c']);
    expect(tagsOf('x'.repeat(tagLengthMax + 1))).toEqual([]);
    expect(tagsOf(Array.from({ length: 40 }, (_, index) => `t${index}`).join())).toHaveLength(tagsMax);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointedAt } from '../../../../node/protocols/tool-schema/json-pointer.ts';

/** RFC 6901, section 5, as fragments (section 6). */
const document = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
};

describe('a pointer in a fragment', () => {
  it.each([
    ['#', document],
    ['#/foo', ['bar', 'baz']],
    ['#/foo/0', 'bar'],
    ['#/', 0],
    ['#/a~1b', 1],
    ['#/c%25d', 2],
    ['#/c%d', 2],
    ['#/e%5Ef', 3],
    ['#/g%7Ch', 4],
    ['#/i%5Cj', 5],
    ['#/k%22l', 6],
    ['#/%20', 7],
    ['#/m~0n', 8],
    ['#/a%7E1b', 1],
  ])('%s', (pointer, expected) => {
    expect(pointedAt(document, pointer)).toEqual(expected);
  });

  it.each(['', '/foo', '#foo', '#foo/0', '#/none', '#/foo/2', '#/foo/0/1', '#/toString', 'http://x#/foo'])(
    'names nothing: %s',
    (pointer) => {
      expect(pointedAt(document, pointer)).toBeUndefined();
    },
  );

  it('finds a member of any name, escaped as the RFC says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const step = encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
        expect(pointedAt(Object.fromEntries([[name, 'here']]), `#/${step}`)).toBe('here');
      }),
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeId, encodePayload, recordOf } from '../../../node/store/postgres/shared-record-row.ts';

const row = { table_name: 'keys', major: '1', minor: '2', writer: 'n1', is_deleted: false };

/** What records may hold: plain values and bytes, with names of fields that look like the encoding's own. */
const { value: anyPayload } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(null, true, false, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.double({ noNaN: true }).map((number) => (number === 0 ? 0 : number)),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('$bytes', '$number', '$$bytes', '$', 'constructor')),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

describe('row of a shared record', () => {
  it('holds every payload and id that a record may have', () => {
    fc.assert(
      fc.property(anyPayload, fc.string({ unit: 'binary', minLength: 1 }), (payload, id) => {
        const text = encodePayload(payload);
        const stored = encodeId(id);
        expect(text + stored).not.toContain('\0');
        expect(recordOf({ ...row, id: stored, payload: text })).toEqual({
          table: 'keys',
          id,
          stamp: { major: 1, minor: 2 },
          writer: 'n1',
          isDeleted: false,
          payload,
        });
      }),
    );
  });

  it('gives different ids different texts', () => {
    const ids = ['a\0', 'a\\0', 'a\\\\0', 'a\\\0', '\\', '\\\\'];
    expect(new Set(ids.map(encodeId)).size).toBe(ids.length);
  });

  it('is a deleted record without a payload', () => {
    expect(recordOf({ ...row, id: 'k', is_deleted: true, payload: null })).toMatchObject({
      isDeleted: true,
      payload: undefined,
    });
  });

  it('is none where the payload is no JSON', () => {
    expect(recordOf({ ...row, id: 'k', payload: '{"a":' })).toBeUndefined();
    expect(recordOf({ ...row, id: 'k', payload: '['.repeat(100_000) + ']'.repeat(100_000) })).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import { cleanSchema } from '../../../../node/protocols/codewhisperer/clean-schema.ts';

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });

describe('a tool’s schema', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['nothing', {}, object({})],
    ['nulls', { type: null, properties: null, required: null }, object({})],
    ['an empty required', object({ a: {} }, { required: [] }), object({ a: {} })],
    [
      'a required list with strays',
      object({ a: {} }, { required: ['a', 'b', 1, 'a'] }),
      object({ a: {} }, { required: ['a'] }),
    ],
    [
      'additionalProperties, at any depth',
      object({ a: object({ b: {} }, { additionalProperties: false, required: [] }) }, { additionalProperties: true }),
      object({ a: object({ b: {} }) }),
    ],
    ['words about the document', object({}, { $schema: 's', $id: 'i', $comment: 'c', strict: true }), object({})],
    [
      'properties that are called like keywords',
      object({ additionalProperties: { type: 'string' }, $ref: { type: 'string' }, required: { type: 'boolean' } }),
      object({ additionalProperties: { type: 'string' }, $ref: { type: 'string' }, required: { type: 'boolean' } }),
    ],
    [
      'values',
      object({ a: { enum: [null, { additionalProperties: 1 }], default: null } }),
      object({ a: { enum: [null, { additionalProperties: 1 }] } }),
    ],
    ['a boolean as a schema', object({ a: true }), object({ a: {} })],
    ['an empty name', object({ '': {}, a: {} }, { required: [''] }), object({ a: {} })],
    [
      'references',
      object(
        { a: { $ref: '#/$defs/x~1y', description: 'mine' } },
        { $defs: { 'x/y': { type: 'string', description: 'its' } } },
      ),
      object({ a: { type: 'string', description: 'mine' } }),
    ],
    [
      'references to references',
      object(
        { a: { type: 'array', items: { $ref: '#/definitions/b' } } },
        { definitions: { b: { $ref: '#/definitions/c' }, c: { type: 'null' } } },
      ),
      object({ a: { type: 'array', items: { type: 'null' } } }),
    ],
    ['a schema that holds itself', object({ next: { $ref: '#' } }), object({ next: object({ next: {} }) })],
    [
      'references that lead nowhere',
      object({ a: { $ref: '#/$defs/none', title: 't' }, b: { $ref: 'http://x' } }),
      object({ a: { title: 't' }, b: {} }),
    ],
    [
      'combinations at the root',
      {
        allOf: [object({ a: {} }, { required: ['a'] })],
        anyOf: [object({ b: {}, c: {} }, { required: ['b', 'c'] }), object({ b: {} }, { required: ['b'] })],
      },
      object({ a: {}, b: {}, c: {} }, { required: ['a', 'b'] }),
    ],
    [
      'combinations below it',
      object({ a: { anyOf: [{ type: 'string', additionalProperties: 1 }, { type: 'null' }] } }),
      object({ a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }),
    ],
  ])('is made fit to be sent: %s', (_name, schema, expected) => {
    const before = JSON.stringify(schema);
    expect(cleanSchema(schema)).toEqual(expected);
    expect(JSON.stringify(schema)).toBe(before);
  });

  it('does not grow without bound', () => {
    const $defs: JsonObject = { d0: { type: 'string' } };
    for (let level = 1; level <= 40; level++) {
      const $ref = `#/$defs/d${level - 1}`;
      $defs[`d${level}`] = object({ a: { $ref }, b: { $ref } });
    }
    const cleaned = cleanSchema(object({ a: { $ref: '#/$defs/d40' } }, { $defs }));
    expect(JSON.stringify(cleaned).length).toBeLessThan(1_000_000);
  });

  it('does not write a long definition out again and again', () => {
    const big = { type: 'string', enum: Array.from({ length: 10_000 }, (_, index) => `value-${index}`) };
    const properties = Object.fromEntries(
      Array.from({ length: 1_500 }, (_, index) => [`p${index}`, { $ref: '#/$defs/big' }]),
    );
    const cleaned = cleanSchema(object(properties, { $defs: { big } }));
    expect(JSON.stringify(cleaned).length).toBeLessThan(5_000_000);
    expect((cleaned['properties'] as JsonObject)['p0']).toEqual(big);
  });

  it('may have any number of alternatives at its root', () => {
    const anyOf = Array.from({ length: 150_000 }, () => ({ properties: { a: { type: 'string' } } }));
    expect(cleanSchema({ anyOf })).toEqual(object({ a: { type: 'string' } }));
  });

  it('may be nested as deeply as it likes', () => {
    let schema: JsonObject = { type: 'string' };
    for (let level = 0; level < 3_000; level++) schema = object({ a: schema });
    expect(JSON.stringify(cleanSchema(schema)).length).toBeLessThan(10_000);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type Json, type JsonObject } from '../../../../kit/json.ts';
import { cleanToolSchema } from '../../../../node/protocols/tool-schema/clean-tool-schema.ts';

const clean = (schema: JsonObject) => cleanToolSchema(schema, { isGemini: false });
const property = (schema: JsonObject, isGemini = false) =>
  (cleanToolSchema({ properties: { p: schema } }, { isGemini })['properties'] as JsonObject)['p'];

describe('a cleaned tool schema', () => {
  it('has an object with properties at its root', () => {
    expect(clean({})).toEqual({ type: 'object', properties: {} });
    expect(clean({ type: 'object', $schema: 's', title: 't', additionalProperties: false })).toEqual({
      type: 'object',
      properties: {},
    });
  });

  it.each<[string, JsonObject, Json]>([
    ['type lists', { type: ['string', 'null'] }, { type: 'string' }],
    ['several types', { type: ['string', 'integer'] }, { type: 'string', description: 'Also allowed: integer.' }],
    ['constants', { const: 'a' }, { type: 'string', enum: ['a'] }],
    ['titles and null defaults', { type: 'string', title: 'T', default: null }, { type: 'string' }],
    ['other defaults', { type: 'integer', default: 3 }, { type: 'integer', default: 3 }],
    ['arrays without items', { type: 'array' }, { type: 'array', items: { type: 'string' } }],
    ['tuples', { type: 'array', prefixItems: [{ type: 'number' }] }, { type: 'array', items: { type: 'number' } }],
    ['null branches', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, { type: 'integer' }],
    ['joined enumerations', { oneOf: [{ const: 'a' }, { enum: ['b', 'a'] }] }, { type: 'string', enum: ['a', 'b'] }],
    [
      'other alternatives',
      { description: 'd', anyOf: [{ type: 'string' }, { type: 'integer' }] },
      { type: 'string', description: 'd Alternatives: [{"type":"integer"}]' },
    ],
    [
      'alternative objects',
      {
        anyOf: [
          { properties: { k: { const: 'a' }, x: { type: 'string' } }, required: ['k', 'x'] },
          { properties: { k: { const: 'b' } }, required: ['k'] },
        ],
      },
      {
        type: 'object',
        properties: { k: { type: 'string', enum: ['a', 'b'] }, x: { type: 'string' } },
        required: ['k'],
      },
    ],
    [
      'all of several',
      {
        allOf: [{ properties: { a: { type: 'string' } }, required: ['a'] }, { properties: { b: { type: 'number' } } }],
      },
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'number' } }, required: ['a'] },
    ],
    [
      'maps',
      { type: 'object', additionalProperties: { type: 'integer' } },
      { type: 'object', description: 'Values of any key: {"type":"integer"}' },
    ],
    ['bounds', { type: 'number', exclusiveMinimum: 0 }, { type: 'number', exclusiveMinimum: 0 }],
  ])('mends %s', (_, schema, expected) => {
    expect(property(schema)).toEqual(expected);
  });

  it.each<[string, JsonObject, Json]>([
    [
      'exclusive bounds',
      { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 9 },
      { type: 'number', minimum: 0, maximum: 9 },
    ],
    ['enumerated numbers', { enum: [1, 2] }, { type: 'string', enum: ['1', '2'] }],
    ['formats', { type: 'string', format: 'uri' }, { type: 'string' }],
    ['known formats', { type: 'string', format: 'date-time' }, { type: 'string', format: 'date-time' }],
  ])('mends %s for Gemini', (_, schema, expected) => {
    expect(property(schema, true)).toEqual(expected);
  });

  it('requires only what is there and cannot be null', () => {
    expect(
      clean({
        properties: { a: { type: 'string' }, b: { type: ['string', 'null'] }, c: { anyOf: [{ type: 'null' }, {}] } },
        required: ['a', 'b', 'c', 'gone'],
      })['required'],
    ).toEqual(['a']);
    expect(clean({ properties: { a: {} }, required: ['gone'] })).not.toHaveProperty('required');
  });

  it('puts definitions in the place of references, and what they hold besides', () => {
    const schema = {
      $defs: {
        lake: { type: 'object', title: 'Lake', properties: { deep: { $ref: '#/$defs/a~1b' } } },
        'a/b': { type: 'number' },
      },
      properties: { one: { $ref: '#/$defs/lake', description: 'first' }, gone: { $ref: '#/$defs/none' } },
    };
    expect(clean(schema)).toEqual({
      type: 'object',
      properties: {
        one: { type: 'object', properties: { deep: { type: 'number' } }, description: 'first' },
        gone: { type: 'object' },
      },
    });
  });

  it('ends references that lead back', () => {
    const tree = {
      $ref: '#/$defs/node',
      $defs: {
        node: { type: 'object', properties: { next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } } },
        loop: { $ref: '#/$defs/loop' },
      },
    };
    expect(JSON.stringify(clean(tree)).length).toBeLessThan(300);
    expect(clean({ ...tree, $ref: '#/$defs/loop' })).toEqual({ type: 'object', properties: {} });
  });

  it('stays small where references multiply', () => {
    const $defs: JsonObject = { d0: { type: 'string' } };
    for (let level = 1; level <= 30; level++) {
      const $ref = `#/$defs/d${level - 1}`;
      $defs[`d${level}`] = { type: 'object', properties: { a: { $ref }, b: { $ref }, c: { anyOf: [{ $ref }] } } };
    }
    expect(JSON.stringify(clean({ $ref: '#/$defs/d30', $defs })).length).toBeLessThan(200_000);
  });

  it('does not write a long definition out again and again', () => {
    const big = { type: 'string', enum: Array.from({ length: 20_000 }, (_, index) => `value-${index}`) };
    const properties = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [`p${index}`, { $ref: '#/$defs/big' }]),
    );
    const cleaned = clean({ properties, $defs: { big } });
    expect(JSON.stringify(cleaned).length).toBeLessThan(5_000_000);
    expect((cleaned['properties'] as JsonObject)['p0']).toEqual(big);
  });

  it('does not quote alternatives within alternatives at ever greater length', () => {
    let schema: JsonObject = { type: 'number' };
    for (let level = 0; level < 60; level++) schema = { anyOf: [{ type: 'string' }, schema] };
    expect(JSON.stringify(property(schema)).length).toBeLessThan(20_000);
  });

  const names = [
    'title',
    '$ref',
    'anyOf',
    'default',
    'exclusiveMinimum',
    'required',
    'properties',
    'items',
    'const',
    'format',
    '$defs',
  ];
  it('never touches a property that has the name of a keyword', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...names)), fc.boolean(), (properties, isGemini) => {
        const schema = {
          type: 'object',
          properties: Object.fromEntries(properties.map((name) => [name, { type: 'string' }])),
          required: properties,
        };
        const expected = properties.length === 0 ? { type: 'object', properties: {} } : schema;
        expect(cleanToolSchema(schema, { isGemini })).toEqual(expected);
        expect(property(schema, isGemini)).toEqual(expected);
      }),
    );
  });

  const keywords = [
    'type',
    'properties',
    'anyOf',
    'allOf',
    '$ref',
    'items',
    'required',
    'enum',
    'const',
    'description',
    'default',
  ];
  const { schema: anySchema } = fc.letrec<{ schema: JsonObject; value: Json }>((tie) => ({
    schema: fc.dictionary(fc.constantFrom(...keywords), tie('value'), { maxKeys: 4 }),
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<Json>('object', 'array', 'null', '#', '#/properties', '#/anyOf/0', null, 1, true, ['a', 'null']),
      tie('schema'),
      fc.array(tie('schema'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b'), tie('schema'), { maxKeys: 2 }),
    ),
  }));

  it('keeps its promises for any schema, and changes nothing of what it is given', () => {
    fc.assert(
      fc.property(anySchema, fc.boolean(), (schema, isGemini) => {
        const before = JSON.stringify(schema);
        const cleaned = cleanToolSchema(schema, { isGemini });
        expect(JSON.stringify(schema)).toBe(before);
        expect(cleaned['type']).toBe('object');
        expect(breaches(cleaned)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

/** What of a schema the backends would refuse. */
function breaches(schema: JsonObject): string[] {
  const found = ['$ref', '$defs', 'anyOf', 'oneOf', 'allOf', 'title', 'const'].filter((keyword) => keyword in schema);
  const { type, properties, items, required } = schema;
  if (type !== undefined && typeof type !== 'string') found.push('type');
  if (type === 'array' && !isJsonObject(items)) found.push('items');
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  if (Array.isArray(required) && !required.every((name) => names.includes(String(name)))) found.push('required');
  if (isJsonObject(properties))
    for (const each of Object.values(properties)) found.push(...breaches(each as JsonObject));
  if (isJsonObject(items)) found.push(...breaches(items));
  return found;
}

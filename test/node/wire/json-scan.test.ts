import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachElement, endOfValue, stringAt } from '../../../node/wire/json-read.ts';
import { isWellFormedJson, jsonDepthMax, JsonScanner } from '../../../node/wire/json-scan.ts';
import { jsonKind } from '../../../node/wire/json-tokens.ts';

function parses(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

const keys = ['model', 'stream', '__proto__', 'a'];
const keyArbitrary = fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 6 }));
const objectText = fc
  .array(fc.tuple(keyArbitrary, fc.json({ maxDepth: 4 }), fc.boolean(), fc.constantFrom('', ' ', '\n\t', '\r\n ')))
  .map((members) => {
    const escapeFirst = (key: string) =>
      key === ''
        ? '""'
        : `"\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${JSON.stringify(key.slice(1)).slice(1)}`;
    return `{${members
      .map(
        ([key, value, isEscaped, space]) =>
          `${space}${isEscaped ? escapeFirst(key) : JSON.stringify(key)}:${space}${value}${space}`,
      )
      .join(',')}}`;
  });

describe('JsonScanner', () => {
  it('finds the members that JSON.parse finds, whatever the order, spacing and escapes', () => {
    const scanner = new JsonScanner(keys);
    fc.assert(
      fc.property(objectText, (text) => {
        const bytes = Buffer.from(text);
        const parsed = new Map<string, unknown>(Object.entries(JSON.parse(text) as object));
        expect(scanner.scan(bytes)).toBe(true);
        keys.forEach((key, index) => {
          if (!parsed.has(key)) expect(scanner.kind(index)).toBe(jsonKind.absent);
          else
            expect(JSON.parse(bytes.toString('utf8', scanner.start(index), scanner.end(index)))).toEqual(
              parsed.get(key),
            );
        });
      }),
    );
  });

  it('accepts what JSON.parse accepts and nothing else, for JSON with a byte changed, put in or taken out', () => {
    const mutation = fc.tuple(
      fc.nat(),
      fc.constantFrom('change', 'insert', 'remove'),
      fc.constantFrom(...'{}[]":,\\u0e.-+1tn \n\u0001\u00ff'),
    );
    fc.assert(
      fc.property(fc.oneof(fc.json(), objectText), fc.array(mutation, { maxLength: 3 }), (text, mutations) => {
        const bytes = [...Buffer.from(text)];
        for (const [at, kind, character] of mutations) {
          const byte = character.charCodeAt(0);
          if (kind === 'insert') bytes.splice(at % (bytes.length + 1), 0, byte);
          else bytes.splice(at % bytes.length, 1, ...(kind === 'change' ? [byte] : []));
        }
        const mutated = Buffer.from(bytes);
        expect(isWellFormedJson(mutated)).toBe(parses(mutated));
      }),
      { numRuns: 2000 },
    );
  });

  it('checks long strings byte by byte although it reads them in words', () => {
    fc.assert(
      fc.property(
        fc.nat(2000),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 255 }),
        (at, first, second) => {
          const bytes = Buffer.from(`{"k":"${'x'.repeat(2100)}"}`);
          bytes[6 + at] = first;
          bytes[7 + at] = second;
          expect(isWellFormedJson(bytes)).toBe(parses(bytes));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    '',
    ' ',
    '{',
    '{"a"}',
    '{"a":1,}',
    '[1,]',
    '01',
    '-',
    '1.',
    '1e',
    '.5',
    'tru',
    'nul',
    '"\t"',
    '"\\x"',
    '"\\u12g4"',
    '{}{}',
    '\ufeff{}',
    "{'a':1}",
  ])('refuses %j and says where', (text) => {
    const scanner = new JsonScanner([]);
    expect(scanner.scan(Buffer.from(text))).toBe(false);
    expect(scanner.error).not.toBe('');
  });

  it('takes nesting up to its bound and refuses the next level', () => {
    const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    expect(isWellFormedJson(nested(jsonDepthMax))).toBe(true);
    expect(isWellFormedJson(nested(jsonDepthMax + 1))).toBe(false);
    expect(isWellFormedJson(Buffer.from('[{"a":'.repeat(100_000)))).toBe(false);
  });

  it('lets invalid UTF-8 inside strings be', () => {
    expect(isWellFormedJson(Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}')]))).toBe(
      true,
    );
  });

  it('counts the last of equal keys, also when one of them is escaped', () => {
    const scanner = new JsonScanner(['model']);
    const bytes = Buffer.from('{"model":"a","x":{"model":"inner"},"mo\\u0064el":"b"}');
    scanner.scan(bytes);
    expect(stringAt(bytes, scanner.start(0), scanner.end(0))).toBe('b');
  });
});

describe('readers of proven JSON', () => {
  it('walk the elements of an array', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom('', ' ', '\n'), (values, space) => {
        const bytes = Buffer.from(
          `[${space}${values.map((value) => JSON.stringify(value)).join(`${space},${space}`)}${space}]`,
        );
        const seen: unknown[] = [];
        eachElement(bytes, 0, (start, end) => seen.push(JSON.parse(bytes.toString('utf8', start, end))) > 0);
        expect(seen).toEqual(JSON.parse(bytes.toString()));
        expect(endOfValue(bytes, 0)).toBe(bytes.length);
      }),
    );
  });
});

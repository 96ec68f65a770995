import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argumentsObject } from '../../../node/conversation/arguments.ts';

describe('argumentsObject', () => {
  it('says what the text says', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(argumentsObject(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('gives an object for any text, cut or not', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.nat(), (text, cut) => {
        const value = argumentsObject(text.slice(0, cut % (text.length + 1)));
        expect(Object.prototype.toString.call(value)).toBe('[object Object]');
        expect(() => JSON.parse(JSON.stringify(value)) as unknown).not.toThrow();
      }),
    );
  });

  it.each([
    ['', '{}'],
    [
      '{"id":12345678901234567890,"f":1e400,"big":-99999999999999999}',
      '{"id":12345678901234567890,"f":null,"big":-99999999999999999}',
    ],
    ['{"a":[1,{"b":"x\\', '{"a":[1,{"b":"x"}]}'],
    ['{"a":', '{"a":null}'],
    ['{"a":1,', '{"a":1}'],
    ['"text"', '{"value":"text"}'],
  ])('reads %j', (text, expected) => {
    expect(JSON.stringify(argumentsObject(text))).toBe(expected);
  });
});

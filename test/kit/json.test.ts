import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson, parseJsonObject } from '../../kit/json.ts';

test('JSON comes as it is; any other text is undefined, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
  expect(parseJson('null')).toBeNull();
  for (const text of ['', '{', 'undefined', '<html>', '{"a":1}x', '"half']) expect(parseJson(text)).toBeUndefined();
});

test('what is no object is undefined where one is wanted', () => {
  expect(parseJsonObject('{"a":[1]}')).toEqual({ a: [1] });
  for (const text of ['[]', 'null', '"{}"', '1', '{']) expect(parseJsonObject(text)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { clientProtocols } from '../../../node/protocols/registry.ts';

test.each([
  ['{"id":"a","error":null}', true, false],
  ['{"error":{"message":"no"}}', true, true],
  ['{"error":"no"}', true, true],
  ['{"error":{}}', true, false],
  ['{"error":{ }}', true, false],
  ['{"error":""}', true, false],
  ['{"nested":{"error":{}}}', true, false],
  ['{"text":"\\"error\\":{}"}', true, false],
  ['[{"error":{}}]', false, false],
  ['<html>', false, false],
  ['{"id":', false, false],
  ['', false, false],
])('%s', (body, isObject, hasError) => {
  for (const protocol of Object.values(clientProtocols)) {
    expect(protocol.scanAnswer(Buffer.from(body))).toMatchObject({ isObject, hasError });
  }
});

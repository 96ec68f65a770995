import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../../kit/secret.ts';

const secret = new Secret('sk-very-secret');

test.each([
  ['string conversion', `${secret}`],
  ['concatenation', '' + String(secret)],
  ['JSON', JSON.stringify({ secret })],
  ['inspection', inspect({ nested: { secret } }, { depth: 5, showHidden: true })],
  ['own keys', Object.keys(secret).join()],
])('%s does not show it', (_way, text) => {
  expect(text).not.toContain('very-secret');
});

test('reveal gives it for the wire', () => {
  expect(secret.reveal()).toBe('sk-very-secret');
});

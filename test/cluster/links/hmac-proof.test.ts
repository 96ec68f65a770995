import { expect, it } from 'vitest';
import { HmacProof } from '../../../cluster/links/hmac-proof.ts';

const proof = new HmacProof(new Uint8Array(32).fill(1));

it('holds for the two peers and the direction that it was made for, under the same key', () => {
  const made = proof.make('a', 'b');
  expect(proof.check('a', 'b', made)).toBe(true);
  expect(proof.check('b', 'a', made)).toBe(false);
  expect(proof.check('a', 'c', made)).toBe(false);
  expect(new HmacProof(new Uint8Array(32).fill(2)).check('a', 'b', made)).toBe(false);
});

it('tells apart peers whose ids make one text together', () => {
  expect(proof.check('ab', 'c', proof.make('a', 'bc'))).toBe(false);
});

it.each(['', 'x', 'a'.repeat(43), 'a'.repeat(10_000), '%%%'])('does not hold for the text %j', (text) => {
  expect(proof.check('a', 'b', text)).toBe(false);
});

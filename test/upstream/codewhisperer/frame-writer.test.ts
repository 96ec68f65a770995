import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeFrame } from './frame-writer.ts';

interface Vector {
  name: string;
  valid: boolean;
  base64: string;
  headers?: { name: string; type: number; value: string }[];
  payload_utf8?: string;
}

const file = join(import.meta.dirname, '../../node/protocols/codewhisperer/eventstream-vectors.json');
const { frames } = JSON.parse(readFileSync(file, 'utf8')) as { frames: Vector[] };
/** Other types than text do not occur in these services' answers. */
const texts = frames.filter(({ valid, headers }) => valid && headers?.every(({ type }) => type === 7));

it('has vectors to be held against', () => {
  expect(texts.length).toBeGreaterThan(5);
});

it.each(texts)('writes $name byte for byte', ({ base64, headers, payload_utf8 }) => {
  const named = Object.fromEntries((headers ?? []).map(({ name, value }) => [name, value]));
  expect(writeFrame(named, payload_utf8 ?? '').toString('base64')).toBe(base64);
});

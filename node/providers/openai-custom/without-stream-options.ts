import type { RequestFacts } from '../../protocols/contract.ts';

const key = Buffer.from('"stream_options"');
const comma = 0x2c;

/** The body less its `stream_options`, for upstreams that refuse the field; the same buffer when it has none. */
export function withoutStreamOptions(body: Buffer, facts: RequestFacts): Buffer {
  if (facts.streamOptionsEnd === 0) return body;
  // The last one before the value is its own key: nothing but space and a colon lies between.
  const keyStart = body.lastIndexOf(key, facts.streamOptionsStart);
  if (keyStart === -1) return body;
  const after = skipSpace(body, facts.streamOptionsEnd, 1);
  if (body[after] === comma) return cut(body, keyStart, after + 1);
  const before = skipSpace(body, keyStart - 1, -1);
  return cut(body, body[before] === comma ? before : keyStart, facts.streamOptionsEnd);
}

function cut(body: Buffer, start: number, end: number): Buffer {
  return Buffer.concat([body.subarray(0, start), body.subarray(end)]);
}

function skipSpace(body: Buffer, start: number, step: 1 | -1): number {
  let position = start;
  while ((body[position] ?? 0x21) <= 0x20) position += step;
  return position;
}

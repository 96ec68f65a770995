import { readFileSync } from 'node:fs';
import type { MessageHeaders } from '@smithy/eventstream-codec';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import { EventStreamParser, messageSizeBytesMax } from '../../../../node/protocols/codewhisperer/event-stream.ts';
import { bytewise, codec, cutAt, event } from './frames.ts';
import { crc32 } from 'node:zlib';

interface Vectors {
  frames: {
    name: string;
    valid: boolean;
    base64: string;
    headers: { name: string; value: string }[];
    payload_utf8: string;
  }[];
  streams: {
    name: string;
    chunks_base64: string[];
    events_after_each_chunk: number[];
    expect: string[];
    ends_clean: boolean;
    error?: string;
  }[];
}

const vectors = JSON.parse(readFileSync(`${import.meta.dirname}/eventstream-vectors.json`, 'utf8')) as Vectors;

interface Read {
  headers: Record<string, string>;
  payload: string;
}

/** What the pieces hold, and the code of the fault that stopped the reading. */
function read(pieces: readonly Uint8Array[]): { messages: Read[]; code: string | undefined; isInMessage: boolean } {
  const parser = new EventStreamParser();
  const messages: Read[] = [];
  let code: string | undefined;
  try {
    for (const piece of pieces) {
      parser.push(piece, ({ headers, payload }) => {
        messages.push({ headers: Object.fromEntries(headers), payload: payload.toString() });
        return false;
      });
    }
  } catch (error) {
    if (!isFault(error)) throw error;
    code = error.code;
  }
  return { messages, code, isInMessage: code === undefined && parser.isInMessage };
}

describe('event stream messages', () => {
  it.each(vectors.frames.filter(({ valid }) => valid))('reads the vector $name, also byte by byte', (vector) => {
    const bytes = Buffer.from(vector.base64, 'base64');
    const headers = Object.fromEntries(vector.headers.map(({ name, value }) => [name, value]));
    const expected = { messages: [{ headers, payload: vector.payload_utf8 }], code: undefined, isInMessage: false };
    expect(read([bytes])).toEqual(expected);
    expect(read(bytewise(bytes))).toEqual(expected);
  });

  it.each(vectors.frames.filter(({ valid }) => !valid))('refuses the vector $name', ({ base64 }) => {
    const bytes = Buffer.from(base64, 'base64');
    expect(read([bytes])).toMatchObject({ messages: [], code: 'upstream_bad_answer' });
    expect(read(bytewise(bytes))).toMatchObject({ messages: [], code: 'upstream_bad_answer' });
  });

  it.each(vectors.streams)('reads the stream $name', (stream) => {
    const pieces = stream.chunks_base64.map((chunk) => Buffer.from(chunk, 'base64'));
    const counts = pieces.map((_, index) => read(pieces.slice(0, index + 1)).messages.length);
    expect(counts).toEqual(stream.events_after_each_chunk);
    const { messages, code, isInMessage } = read(pieces);
    expect(messages.map(({ payload }) => payload)).toEqual(
      stream.expect.map((name) => vectors.frames.find((frame) => frame.name === name)?.payload_utf8),
    );
    expect(code === undefined && !isInMessage).toBe(stream.ends_clean);
    if (stream.error === 'prelude_crc_mismatch') expect(code).toBe('upstream_bad_answer');
    if (stream.error === 'truncated_message') expect(isInMessage).toBe(true);
  });

  const value = fc.oneof(
    fc.record({ type: fc.constant('boolean' as const), value: fc.boolean() }),
    fc.record({ type: fc.constant('byte' as const), value: fc.integer({ min: -128, max: 127 }) }),
    fc.record({ type: fc.constant('short' as const), value: fc.integer({ min: -32768, max: 32767 }) }),
    fc.record({ type: fc.constant('integer' as const), value: fc.integer() }),
    fc.record({ type: fc.constant('binary' as const), value: fc.uint8Array({ maxLength: 300 }) }),
    fc.record({ type: fc.constant('string' as const), value: fc.string({ unit: 'grapheme', maxLength: 60 }) }),
    fc.record({ type: fc.constant('timestamp' as const), value: fc.date({ noInvalidDate: true, min: new Date(0) }) }),
    fc.record({ type: fc.constant('uuid' as const), value: fc.uuid() }),
  );
  const message = fc.record({
    headers: fc.dictionary(
      fc.string({ unit: fc.constantFrom(':', 'a', 'b', '-', 'é'), minLength: 1, maxLength: 9 }),
      value,
      { maxKeys: 5, noNullPrototype: true },
    ),
    body: fc.uint8Array({ maxLength: 200 }),
  });

  it("reads what AWS's own codec writes, with headers of every type, however it is cut", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 12 }), (list, offsets) => {
        const bytes = Buffer.concat(
          list.map(({ headers, body }) => codec.encode({ headers: headers as MessageHeaders, body })),
        );
        const expected = list.map(({ headers, body }) => ({
          headers: Object.fromEntries(
            Object.entries(headers).flatMap(([name, { type, value }]) => (type === 'string' ? [[name, value]] : [])),
          ),
          payload: Buffer.from(body).toString(),
        }));
        const whole = { messages: expected, code: undefined, isInMessage: false };
        expect(read(cutAt(bytes, offsets))).toEqual(whole);
        expect(read(bytewise(bytes))).toEqual(whole);
      }),
    );
  });

  it('gives the same for any bytes, however they are cut, and never anything but a fault', () => {
    const good = event('assistantResponseEvent', { content: 'x' });
    const spoilt = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
      const bytes = Buffer.concat([good, good]);
      bytes[at] = bytes[at]! ^ mask;
      return bytes;
    });
    const garbage = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(spoilt, garbage), fc.array(fc.nat(), { maxLength: 6 }), (bytes, offsets) => {
        const whole = read([bytes]);
        expect(read(cutAt(bytes, offsets))).toEqual(whole);
        if (bytes.length === 2 * good.length) expect(whole.code).toBe('upstream_bad_answer');
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['beyond the bound', messageSizeBytesMax + 1, 0, 'upstream_event_too_large'],
    ['of four gigabytes', 0xffffffff, 0, 'upstream_event_too_large'],
    ['shorter than its frame', 15, 0, 'upstream_bad_answer'],
    ['with headers that reach beyond it', 100, 85, 'upstream_bad_answer'],
  ])('refuses a message %s by its prelude alone', (_, total, headersLength, code) => {
    const prelude = Buffer.alloc(12);
    prelude.writeUInt32BE(total, 0);
    prelude.writeUInt32BE(headersLength, 4);
    prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
    expect(read([prelude])).toMatchObject({ messages: [], code });
    expect(read(bytewise(prelude))).toMatchObject({ messages: [], code });
  });

  it.each([
    ['a name beyond the headers', [9, 0x61]],
    ['a string beyond the headers', [1, 0x61, 7, 0, 200, 0x62]],
    ['a number cut off', [1, 0x61, 5, 0, 0]],
    ['a string without its whole length', [1, 0x61, 7, 0]],
    ['a type that does not exist', [1, 0x61, 10, 0]],
    ['no type', [1, 0x61]],
  ])('refuses headers with %s and reads no byte behind them', (_, headers) => {
    const bytes = Buffer.alloc(16 + headers.length + 300, 0x7a);
    bytes.writeUInt32BE(bytes.length, 0);
    bytes.writeUInt32BE(headers.length, 4);
    bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
    bytes.set(headers, 12);
    bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
    expect(read([bytes])).toMatchObject({ messages: [], code: 'upstream_bad_answer' });
  });

  it('takes the longest message that is allowed, in pieces', () => {
    const bytes = Buffer.from(codec.encode({ headers: {}, body: new Uint8Array(messageSizeBytesMax - 16) }));
    const { messages, code } = read(cutAt(bytes, [5, 70_000, 9_000_000]));
    expect(code).toBeUndefined();
    expect(messages[0]?.payload).toHaveLength(messageSizeBytesMax - 16);
  });
});

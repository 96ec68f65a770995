import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachSseEvent, SseSplitter } from '../../../node/wire/sse-splitter.ts';
import { encodeSse, SseParser } from '../../../node/wire/sse.ts';

const limits = { eventSizeBytesMax: 1000, tooLarge: (size: number) => new Error(`too large: ${size}`) };

/** Cuts bytes at the given places (taken modulo the length). */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const offsets = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return offsets.slice(1).map((end, index) => bytes.subarray(offsets[index], end));
}

function parse(chunks: readonly Buffer[]): [string | undefined, string][] {
  const parser = new SseParser(limits);
  const events: [string | undefined, string][] = [];
  for (const chunk of chunks) parser.push(chunk, (event, data) => events.push([event, data]));
  parser.end((event, data) => events.push([event, data]));
  return events;
}

const name = fc.option(fc.stringMatching(/^[a-z_.]{1,12}$/), { nil: undefined });
/** Some documents of fast-check are longer than an event may be here. */
const isWithinBound = (text: string) => Buffer.byteLength(text) <= limits.eventSizeBytesMax / 2;
const data = fc.oneof(fc.json().filter(isWithinBound), fc.stringMatching(/^[a-zäß€𝄞 :\n]{0,20}$/u));
const places = fc.array(fc.nat(), { maxLength: 12 });

describe('SseParser', () => {
  it('reads back what encodeSse wrote, with any line end and cut anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, data)),
        fc.constantFrom('\n', '\r\n', '\r'),
        places,
        (events, lineEnd, cuts) => {
          const text = events.map(([event, payload]) => `: note\n${encodeSse(event, payload)}`).join('');
          expect(parse(cut(Buffer.from(text.replaceAll('\n', lineEnd)), cuts))).toEqual(events);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('takes fields without a space, skips others, a byte order mark and events without data', () => {
    const text = '\ufeffdata:a\n\nevent: lonely\n\nid: 1\nretry: 5\ndatabase: x\ndata:  b\ndata\n\n';
    expect(parse([Buffer.from(text)])).toEqual([
      [undefined, 'a'],
      [undefined, ' b\n'],
    ]);
  });

  it.each([
    ['data: {"a":1}', 1],
    ['data: {"a":1}\n', 1],
    ['data: [DONE]', 1],
    ['data: {"a":', 0],
    ['data: {"a":"b', 0],
    ['event: x', 0],
  ])('at the end counts an event without its blank line only when it is whole: %j', (text, count) => {
    expect(parse([Buffer.from(text)])).toHaveLength(count);
  });

  it('throws its own error when an event outgrows the bound, in one line or in many', () => {
    expect(() => parse([Buffer.from(`data: ${'x'.repeat(600)}`), Buffer.from('x'.repeat(600))])).toThrow('too large');
    expect(() => parse([Buffer.from('data: 0123456789\n'.repeat(100))])).toThrow('too large');
  });
});

describe('SseSplitter', () => {
  const stream = fc.tuple(fc.array(fc.tuple(name, data), { minLength: 1 }), fc.constantFrom('\n', '\r\n', '\r'));

  it('hands back all bytes in order, cut behind blank lines only', () => {
    fc.assert(
      fc.property(stream, places, ([events, lineEnd], cuts) => {
        const whole = Buffer.from(
          events
            .map(([event, payload]) => encodeSse(event, payload))
            .join('')
            .replaceAll('\n', lineEnd),
        );
        const splitter = new SseSplitter(limits);
        const parts = cut(whole, cuts).map((chunk) => splitter.push(chunk));
        // The second half of a CRLF may come later: the blank line is complete without it.
        const ends = [lineEnd + lineEnd, '\r\n\r', '\n'];
        for (const part of parts) expect(ends.some((end) => part?.toString().endsWith(end) ?? true)).toBe(true);
        expect(Buffer.concat(parts.filter((part) => part !== undefined))).toEqual(whole);
        expect(splitter.heldSizeBytes).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('does not copy a chunk that ends on a boundary', () => {
    const chunk = Buffer.from('data: a\n\ndata: b\n\n');
    expect(new SseSplitter(limits).push(chunk)).toBe(chunk);
  });

  it('never lets half an event out at the end, and completes a whole one', () => {
    const half = new SseSplitter(limits);
    half.push(Buffer.from('data: {"a":'));
    expect(half.end()).toBeUndefined();
    const whole = new SseSplitter(limits);
    whole.push(Buffer.from('data: [DONE]'));
    expect(whole.end()?.toString()).toBe('data: [DONE]\n\n');
  });

  it('throws when what is held outgrows the bound', () => {
    const splitter = new SseSplitter(limits);
    splitter.push(Buffer.alloc(900, 'x'));
    expect(() => splitter.push(Buffer.alloc(200, 'x'))).toThrow('too large: 1100');
  });

  it('eachSseEvent finds every event', () => {
    fc.assert(
      fc.property(stream, ([events, lineEnd]) => {
        const bytes = Buffer.from(
          events
            .map(([event]) => encodeSse(event, 'x'))
            .join('')
            .replaceAll('\n', lineEnd),
        );
        let count = 0;
        eachSseEvent(bytes, (start, end) => {
          expect(parse([bytes.subarray(start, end)])).toEqual([[events[count]![0], 'x']]);
          return ++count > 0;
        });
        expect(count).toBe(events.length);
      }),
    );
  });
});

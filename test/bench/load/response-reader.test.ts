import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResponseBroken, ResponseReader } from '../../../bench/load/response-reader.ts';

interface Answer {
  status: number;
  body: string;
}

function read(pieces: Buffer[]): Answer[] {
  const answers: Answer[] = [];
  let current: Answer = { status: 0, body: '' };
  const reader = new ResponseReader({
    head: (status) => (current = { status, body: '' }),
    body: (buffer, start, end) => (current.body += buffer.toString('latin1', start, end)),
    end: () => answers.push(current),
  });
  for (const piece of pieces) reader.feed(piece);
  return answers;
}

function cut(bytes: Buffer, places: number[]): Buffer[] {
  const cuts = [0, ...places.map((place) => place % bytes.length).toSorted((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

const withLength = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const chunked = (parts: string[]) =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${parts
    .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
    .join('')}0\r\n\r\n`;

const text = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '0', ':', '~'), minLength: 1, maxLength: 40 });

describe('ResponseReader', () => {
  test('reads answers of either framing, however they are cut', () => {
    const answer = fc.oneof(
      text.map((body) => ({ wire: withLength(body), body })),
      fc.array(text, { maxLength: 4 }).map((parts) => ({ wire: chunked(parts), body: parts.join('') })),
    );
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(), { maxLength: 9 }), (all, at) => {
        const pieces = cut(Buffer.from(all.map(({ wire }) => wire).join(''), 'latin1'), at);
        expect(read(pieces)).toEqual(all.map(({ body }) => ({ status: 200, body })));
      }),
    );
  });

  test('gives the status and passes over interim answers', () => {
    const wire = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 Too Many\r\ncontent-length: 0\r\n\r\n';
    expect(read([Buffer.from(wire)])).toEqual([{ status: 429, body: '' }]);
  });

  test.each([
    ['no framing at all', 'HTTP/1.1 200 OK\r\n\r\nabc'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n'],
    ['a chunk that is longer than it said', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n'],
    ['a chunk size that is no number', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ])('refuses %s', (_, wire) => {
    expect(() => read([Buffer.from(wire)])).toThrow(ResponseBroken);
  });
});

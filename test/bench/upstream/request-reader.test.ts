import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestReader, type UpstreamRequest } from '../../../bench/upstream/request-reader.ts';

const body = '{"model":"m","stream":true}';
const forms = {
  'a length': `POST /v1/messages HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  chunks: `POST /v1/messages HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
};

test.each(Object.entries(forms))('reads a request with %s, wherever it is cut', (_, wire) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: wire.length }), (at) => {
      const taken: UpstreamRequest[] = [];
      const reader = new RequestReader((request) => taken.push(request));
      reader.feed(Buffer.from(wire.slice(0, at)));
      if (at < wire.length) reader.feed(Buffer.from(wire.slice(at)));
      expect(taken).toEqual([{ path: '/v1/messages', streamed: true }]);
    }),
  );
});

test('a request without a body is whole at the end of its head', () => {
  const taken: UpstreamRequest[] = [];
  new RequestReader((request) => taken.push(request)).feed(Buffer.from('GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n'));
  expect(taken).toEqual([{ path: '/v1/models', streamed: false }]);
});

/** What the encoder writes, read by the official SDK: the strictest parser that clients have. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic, { RateLimitError } from '@anthropic-ai/sdk';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../../../node/conversation/contract.ts';
import { unfold } from '../../../../node/conversation/unfold.ts';
import { anthropicDialect, anthropicProtocol } from '../../../../node/protocols/anthropic/index.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { anyAnswer, encodeAll } from './answers.ts';

let server: Server;
let client: Anthropic;
let answer: { status: number; type: string; body: string; headers?: Record<string, string> };

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(answer.status, { 'content-type': answer.type, ...answer.headers });
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = new Anthropic({ apiKey: 'k', baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const request = { model: 'm', max_tokens: 10, messages: [{ role: 'user' as const, content: 'hi' }] };

function plain(value: unknown): Record<string, never> {
  return JSON.parse(JSON.stringify(value)) as Record<string, never>;
}

describe('the official SDK', () => {
  it('collects from every stream the message that a plain answer would have been', async () => {
    await fc.assert(
      fc.asyncProperty(anyAnswer, async (expected: Answer) => {
        answer = { status: 200, type: 'text/event-stream', body: encodeAll(unfold(expected)) };
        const message = plain(await client.messages.stream(request).finalMessage());
        expect(anthropicDialect.decodeAnswer(message)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('reads a whole answer', async () => {
    const context = { model: 'm', requestId: 'r', framing: 'sse' as const, includeUsage: false, nowMs: 0 };
    await fc.assert(
      fc.asyncProperty(anyAnswer, async (expected) => {
        const body = JSON.stringify(anthropicProtocol.encodeAnswer(expected, context));
        answer = { status: 200, type: 'application/json', body };
        const message = plain(await client.messages.create(request));
        expect(anthropicDialect.decodeAnswer(message)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('throws what an error event says', async () => {
    const fault = protocolFaults.upstream_overloaded('no capacity');
    const body = encodeAll([
      { type: 'start', id: 'x', model: 'm' },
      { type: 'text', text: 'a' },
      { type: 'fault', fault },
    ]);
    answer = { status: 200, type: 'text/event-stream', body };
    await expect(client.messages.stream(request).finalMessage()).rejects.toMatchObject({
      error: { error: { type: 'overloaded_error', message: 'no capacity' } },
    });
  });

  it('throws the error class that belongs to the status', async () => {
    const fault = protocolFaults.upstream_rate_limited('slow', { retryAfterMs: 1200 });
    const { status, headers, body } = anthropicProtocol.encodeFault(fault, 'r');
    answer = { status, type: headers[1]!, body };
    await expect(client.messages.create(request)).rejects.toBeInstanceOf(RateLimitError);
  });
});

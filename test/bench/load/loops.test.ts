import { createServer, type AddressInfo, type Server } from 'node:net';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runClosedLoop } from '../../../bench/load/closed-loop.ts';
import type { ClosedLoad, OpenLoad } from '../../../bench/load/contract.ts';
import { runOpenLoop } from '../../../bench/load/open-loop.ts';
import { Upstream } from '../../../bench/upstream/upstream.ts';

const upstream = new Upstream();
let port = 0;
const advance = (stream: number) => upstream.streams.advance(stream);
const aim = () => ({ port, headers: {}, seconds: 0.3 });
const closed = (more: Partial<ClosedLoad> = {}): ClosedLoad => ({
  kind: 'closed',
  exchange: 'openai',
  connections: 3,
  ...aim(),
  ...more,
});
const open = (more: Partial<OpenLoad> = {}): OpenLoad => ({
  kind: 'open',
  exchange: 'openai',
  requestsPerSecond: 100,
  ...aim(),
  ...more,
});

beforeEach(async () => {
  port = await upstream.start();
});
afterEach(() => upstream.stop());

describe('closed loop', () => {
  test.each(['openai', 'anthropic', 'anthropic-to-openai'] as const)('is answered for %s', async (exchange) => {
    const outcome = await runClosedLoop(closed({ exchange }), advance);
    expect(outcome).toMatchObject({ errors: 0, events: 0 });
    expect(outcome.requests).toBeGreaterThan(3);
  });

  test.each(['openai-stream', 'anthropic-stream'] as const)('sees 100 events an answer of %s', async (exchange) => {
    const outcome = await runClosedLoop(closed({ exchange, connections: 1 }), advance);
    expect(outcome.errors).toBe(0);
    expect(outcome.requests).toBeGreaterThan(0);
    // The stream under way when the time is up has shown some of its events, perhaps all.
    const unfinished = outcome.events - outcome.requests * 100;
    expect(unfinished).toBeGreaterThanOrEqual(0);
    expect(unfinished).toBeLessThanOrEqual(100);
    expect(decodeFromCompressedBase64(outcome.firstEvent).totalCount).toBeGreaterThanOrEqual(outcome.requests);
  });

  test('counts what is not 200 and what is broken off as errors', async () => {
    const broken = await serve((count) => (count === 1 ? 'HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n' : undefined));
    const outcome = await runClosedLoop(closed({ port: broken.port, connections: 1 }), advance);
    broken.server.close();
    expect(outcome).toMatchObject({ requests: 0, firstError: 'status 503' });
    expect(outcome.errors).toBeGreaterThan(1);
  });
});

describe('open loop', () => {
  test('sends as many as are due', async () => {
    const outcome = await runOpenLoop(open(), advance);
    expect(outcome).toMatchObject({ requests: 30, errors: 0 });
  });

  test('counts what is never answered', async () => {
    const silent = await serve(() => '');
    const outcome = await runOpenLoop(open({ port: silent.port, requestsPerSecond: 20 }), advance);
    silent.server.close();
    expect(outcome).toMatchObject({ requests: 0, errors: 6 });
  });
});

/** A server that answers the n-th request with these bytes, or closes. */
async function serve(answer: (count: number) => string | undefined): Promise<{ server: Server; port: number }> {
  let count = 0;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => {
      const bytes = answer(++count);
      if (bytes === undefined) socket.destroy();
      else socket.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { DataPlane } from '../../../node/http/dependencies.ts';
import { defineRoute } from '../../../node/http/define-route.ts';
import { adminKey, startNode, type NodeUnderTest } from './node-under-test.ts';
import { RawConnection } from './raw-connection.ts';

let node: NodeUnderTest | undefined;
afterEach(async () => {
  await node?.server.stop();
  node = undefined;
});

describe('a listener', () => {
  it('offers each request to the data plane first', async () => {
    const dataPlane: DataPlane = {
      handle(request, response) {
        if (request.url !== '/v1/messages') return false;
        response.end('from the data plane');
        return true;
      },
    };
    node = await startNode({ dataPlane });
    const taken = await fetch(`${node.url}/v1/messages`, { method: 'POST' });
    expect(await taken.text()).toBe('from the data plane');
    const left = await node.get('/health/live');
    expect(await left.json()).toEqual({ status: 'alive' });
  });

  it('answers GET / and HEAD / without a key', async () => {
    node = await startNode();
    const get = await fetch(node.url);
    expect(get.status).toBe(200);
    expect(await get.json()).toMatchObject({ service: 'aiproxy' });
    const head = await fetch(node.url, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
  });

  it('gives every answer a request id', async () => {
    node = await startNode();
    const ids = await Promise.all(
      ['/', '/nowhere', '/accounts/stats'].map(async (path) =>
        (await fetch(node?.url + path)).headers.get('x-request-id'),
      ),
    );
    expect(ids.every((id) => /^[0-9a-z]{20}$/.test(id ?? ''))).toBe(true);
    expect(new Set(ids).size).toBe(3);
  });

  it('answers unknown paths in the shape that a client there reads', async () => {
    node = await startNode();
    const dialectAt = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(node?.url + path, { headers });
      expect(response.status).toBe(404);
      return ((await response.json()) as { dialect?: string }).dialect;
    };
    expect(await dialectAt('/v1/unknown')).toBe('openai-chat');
    expect(await dialectAt('/v1/unknown', { 'anthropic-version': '2023-06-01' })).toBe('anthropic');
    expect(await dialectAt('/v1/messages/batches')).toBe('anthropic');
    expect(await dialectAt('/v1/responses/resp_1')).toBe('openai-responses');
    expect(await dialectAt('/v1beta/files')).toBe('gemini');
    expect(await dialectAt('/nowhere')).toBeUndefined();
    const management = await node.get('/nowhere');
    expect(await management.json()).toEqual({ error: { code: 'not_found', message: expect.any(String) } });
  });

  it('answers 405 with the methods that a path has', async () => {
    node = await startNode({ dataPlane: { handle: () => false } });
    const management = await node.send('PUT', '/accounts/stats');
    expect(management.status).toBe(405);
    expect(management.headers.get('allow')).toContain('GET');
    const dataPlane = await node.get('/v1/messages');
    expect(dataPlane.status).toBe(405);
    expect(dataPlane.headers.get('allow')).toBe('POST, OPTIONS');
  });

  it('refuses a malformed escape in a path', async () => {
    node = await startNode();
    const response = await node.get('/accounts/%zz');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request' } });
  });

  it('answers 500 for a bug of ours, and tells only the log what it was', async () => {
    const buggy = defineRoute({
      method: 'GET',
      path: '/buggy',
      permission: 'none',
      tag: 'test',
      summary: 'Fails',
      handler() {
        throw new TypeError('undefined is not a secret');
      },
    });
    node = await startNode({ routes: () => [buggy] });
    const response = await node.get('/buggy');
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).toContain('"code":"internal"');
    expect(text).not.toContain('secret');
    expect(node.logged).toContainEqual({
      message: 'a route failed',
      fields: { requestId: response.headers.get('x-request-id'), error: expect.any(TypeError) },
    });
  });

  it('refuses to listen on a taken port, saying so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startNode({ settings: { port } })).rejects.toMatchObject({
      code: 'listen_failed',
      source: 'config',
      message: expect.stringContaining('taken'),
    });
    other.close();
  });

  it('counts requests, and those whose client left as 499', async () => {
    node = await startNode();
    await node.get('/health/live');
    let release = () => {};
    node.refreshes.gate = new Promise((resolve) => (release = resolve));
    const leaving = new RawConnection(node.port);
    leaving.write(`POST /admin/models/refresh HTTP/1.1\r\nhost: a\r\nx-api-key: ${adminKey}\r\n\r\n`);
    while (node.refreshes.count === 0) await new Promise(setImmediate);
    expect(node.traffic.active).toBe(1);
    leaving.socket.destroy();
    while (node.traffic.active > 0) await new Promise(setImmediate);
    release();
    const statuses = Object.fromEntries(node.traffic.requestMeters.get('management')?.statuses() ?? []);
    expect(statuses).toEqual({ 200: 1, 499: 1 });
  });

  it('keeps keys out of its log lines', async () => {
    node = await startNode();
    await fetch(`${node.url}/accounts/stats?key=${adminKey}&x=1`);
    await fetch(`${node.url}/nowhere?a=1&token=${adminKey}`);
    const lines = JSON.stringify(node.logged);
    expect(lines).toContain('/accounts/stats?key=[redacted]&x=1');
    expect(lines).toContain('/nowhere?a=1&token=[redacted]');
    expect(lines).not.toContain(adminKey);
  });
});

describe('a connection that does not behave', () => {
  it('gets 400 for garbage', async () => {
    node = await startNode();
    const connection = new RawConnection(node.port);
    connection.write('\x16\x03\x01 this is TLS\r\n\r\n');
    const answer = await connection.untilClosed();
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('"code":"bad_http"');
    expect(answer).not.toContain('TLS');
  });

  it('gets 400 for half a request', async () => {
    node = await startNode();
    const connection = new RawConnection(node.port);
    connection.socket.end('GET /health HTTP/1.1\r\nhost: a\r\nx-half: ');
    expect(await connection.untilClosed()).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('gets 431 for oversized headers', async () => {
    node = await startNode({ settings: { headerSizeBytesMax: 4096 } });
    const connection = new RawConnection(node.port);
    connection.write(`GET /health HTTP/1.1\r\nhost: a\r\nx-large: ${'a'.repeat(5000)}\r\n\r\n`);
    const answer = await connection.untilClosed();
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('"code":"headers_too_large"');
  });

  it('gets 408 when it trickles its headers', async () => {
    node = await startNode({ settings: { headersTimeoutMs: 20, requestTimeoutMs: 40, connectionsCheckMs: 10 } });
    const connection = new RawConnection(node.port);
    connection.write('GET /health HTTP/1.1\r\nhost: a\r\n');
    expect(await connection.untilClosed()).toMatch(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/);
  });

  it('gets 408 when it trickles its body', async () => {
    node = await startNode({ settings: { headersTimeoutMs: 20, requestTimeoutMs: 40, connectionsCheckMs: 10 } });
    const connection = new RawConnection(node.port);
    connection.write(`POST /accounts HTTP/1.1\r\nhost: a\r\nx-api-key: ${adminKey}\r\ncontent-length: 100\r\n\r\n{`);
    expect(await connection.untilClosed()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('does not get a second head in the middle of an answer', async () => {
    let answering: ServerResponse | undefined;
    const dataPlane: DataPlane = {
      handle(_request, response) {
        answering = response;
        response.writeHead(200, ['content-length', '10']);
        response.write('12345');
        return true;
      },
    };
    node = await startNode({ dataPlane });
    const connection = new RawConnection(node.port);
    connection.write('GET /slow HTTP/1.1\r\nhost: a\r\n\r\n');
    await connection.until('12345');
    connection.write('garbage\r\n\r\n');
    const answer = await connection.untilClosed();
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answering?.destroyed).toBe(true);
  });

  it('does not bring the node down, whatever it sends', async () => {
    const running = await startNode();
    node = running;
    const bytes = fc.uint8Array({ maxLength: 300 }).map((sent) => Buffer.from(sent).toString('latin1'));
    const lines = fc.array(
      fc.constantFrom('GET / HTTP/1.1\r\n', 'host: a\r\n', '\r\n', '\0', 'x: y\r\n', '5\r\n', 'a'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          bytes,
          lines.map((parts) => parts.join('')),
        ),
        async (sent) => {
          const connection = new RawConnection(running.port);
          connection.socket.end(sent, 'latin1');
          const answer = await connection.untilClosed();
          expect(answer === '' || answer.startsWith('HTTP/1.1 ')).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
    expect((await running.get('/health/live')).status).toBe(200);
  });

  it('is closed at accept when there are too many', async () => {
    node = await startNode({ settings: { connectionsMax: 1 } });
    const first = new RawConnection(node.port);
    first.write('GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n');
    await first.until('alive');
    const second = new RawConnection(node.port);
    expect(await second.untilClosed()).toBe('');
    first.socket.destroy();
  });
});

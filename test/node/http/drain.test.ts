import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { DataPlane } from '../../../node/http/dependencies.ts';
import { startNode } from './node-under-test.ts';
import { RawConnection } from './raw-connection.ts';

const request = 'GET /slow HTTP/1.1\r\nhost: a\r\n\r\n';

/** Holds every answer at /slow until the test ends it. */
function holding(): { dataPlane: DataPlane; held: ServerResponse[] } {
  const held: ServerResponse[] = [];
  const dataPlane: DataPlane = {
    handle(request, response) {
      if (request.url !== '/slow') return false;
      held.push(response);
      return true;
    },
  };
  return { dataPlane, held };
}

async function heldBy(held: ServerResponse[], count: number): Promise<void> {
  while (held.length < count) await new Promise(setImmediate);
}

describe('stopping', () => {
  it('finishes an answer that has not begun, and closes after it', async () => {
    const { dataPlane, held } = holding();
    const node = await startNode({ dataPlane });
    const connection = new RawConnection(node.port);
    connection.write(request);
    await heldBy(held, 1);
    const stopped = node.server.stop();
    expect(node.readiness.phase).toBe('draining');
    held[0]?.end('done');
    const answer = await connection.untilClosed();
    expect(answer).toMatch(/connection: close/i);
    expect(answer).toMatch(/done$/);
    await stopped;
    await expect(fetch(node.url)).rejects.toThrow();
  });

  it('finishes a stream that is under way', async () => {
    const { dataPlane, held } = holding();
    const node = await startNode({ dataPlane });
    const connection = new RawConnection(node.port);
    connection.write(request);
    await heldBy(held, 1);
    held[0]?.write('first');
    await connection.until('first');
    const stopped = node.server.stop();
    held[0]?.write('second');
    await connection.until('second');
    held[0]?.end('third');
    await stopped;
    expect(await connection.untilClosed()).toMatch(/first[^]*second[^]*third/);
  });

  it('answers what comes over a kept connection during the grace, saying close', async () => {
    const node = await startNode({ settings: { idleGraceMs: 5000 } });
    const connection = new RawConnection(node.port);
    connection.write('GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n');
    await connection.until('alive');
    const stopped = node.server.stop();
    connection.write('GET /health/ready HTTP/1.1\r\nhost: a\r\n\r\n');
    const answer = await connection.untilClosed();
    expect(answer).toMatch(/HTTP\/1\.1 503 [^]*connection: close[^]*"draining"/i);
    await stopped;
  });

  it('closes idle connections and those that never spoke', async () => {
    const node = await startNode();
    const idle = new RawConnection(node.port);
    idle.write('GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n');
    await idle.until('alive');
    const silent = new RawConnection(node.port);
    while (node.server.connectionCount < 2) await new Promise(setImmediate);
    await node.server.stop();
    await Promise.all([idle.untilClosed(), silent.untilClosed()]);
    expect(node.server.connectionCount).toBe(0);
  });

  it('cuts what is not done by the drain timeout', async () => {
    const { dataPlane, held } = holding();
    const node = await startNode({ dataPlane, settings: { drainTimeoutMs: 20 } });
    const connection = new RawConnection(node.port);
    connection.write(request);
    await heldBy(held, 1);
    held[0]?.write('first');
    await connection.until('first');
    await node.server.stop();
    expect(await connection.untilClosed()).toMatch(/first/);
    expect(held[0]?.writableFinished).toBe(false);
  });

  it('may be asked twice, and before it started', async () => {
    const node = await startNode();
    await Promise.all([node.server.stop(), node.server.stop()]);
    await node.server.stop();
    expect(node.server.connectionCount).toBe(0);
  });
});

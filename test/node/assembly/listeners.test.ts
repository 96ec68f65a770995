import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { runNode, nodeKey, type TestNode } from '../../running-node.ts';

let node: TestNode | undefined;
const servers: Server[] = [];

afterEach(async () => {
  await node?.stop();
  node = undefined;
  for (const server of servers.splice(0)) server.close();
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const { server, port } = await takenPort();
  server.close();
  await once(server, 'close');
  return port;
}

async function takenPort(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

async function statuses(url: string, paths: readonly string[]): Promise<number[]> {
  const headers = { authorization: `Bearer ${nodeKey}` };
  return Promise.all(paths.map(async (path) => (await fetch(url + path, { headers })).status));
}

describe('admin.port', () => {
  const paths = ['/health', '/accounts/stats', '/metrics', '/openapi.json', '/v1/models'];

  it('takes management off the port of the clients, /health excepted', async () => {
    const port = await freePort();
    node = await runNode({ admin: { port } });
    expect(await statuses(node.url, paths)).toEqual([503, 404, 404, 404, 200]);
    expect(await statuses(`http://127.0.0.1:${port}`, paths)).toEqual([503, 200, 200, 200, 404]);
  });

  it('does not forward', async () => {
    const port = await freePort();
    node = await runNode({ admin: { port } });
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }] });
    const headers = { authorization: `Bearer ${nodeKey}` };
    const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, { method: 'POST', body, headers });
    expect(answer.status).toBe(404);
  });

  it('shares its port with the metrics where both have the same', async () => {
    const port = await freePort();
    node = await runNode({ admin: { port }, metrics: { port } });
    expect(await statuses(`http://127.0.0.1:${port}`, paths)).toEqual([503, 200, 200, 200, 404]);
  });

  it('leaves nothing listening when the port is taken', async () => {
    const { server, port } = await takenPort();
    servers.push(server);
    await expect(runNode({ admin: { port } })).rejects.toThrow(`127.0.0.1:${port}`);
  });
});

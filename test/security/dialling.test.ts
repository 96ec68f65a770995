/** The attack: make a node connect, with its accounts' keys or from inside its network, where an attacker wants. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claudeAccount, openaiAccount, runNode, type TestNode } from '../running-node.ts';
import { start, type Upstream } from '../upstream/upstream.ts';

let upstream: Upstream;
let node: TestNode;
/** Where the attacker wants the node to go. */
let bait: Server;
let baitUrl: string;
let visits = 0;

/** An upstream that answers everything with a redirect to the bait. */
let redirecting: Server;

beforeAll(async () => {
  upstream = await start();
  bait = await listen((_, response) => {
    visits++;
    response.end('{}');
  });
  baitUrl = urlOf(bait);
  redirecting = await listen((_, response) => response.writeHead(307, { location: `${baitUrl}/stolen` }).end());
  node = await runNode({
    accounts: [
      openaiAccount(upstream, 'o', { models: ['o'] }),
      claudeAccount(upstream, 'c', { models: ['c'] }),
      openaiAccount(upstream, 'r', { models: ['r'], base_url: urlOf(redirecting) }),
    ],
  });
});

afterAll(async () => {
  await node.stop();
  await upstream.close();
  for (const server of [bait, redirecting]) server.close();
});

test.each([
  'http://169.254.169.254/latest/meta-data',
  'http://metadata.google.internal/',
  'http://[fe80::1]/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://[::ffff:169.254.169.254]/',
  'http://user:password@127.0.0.1/',
  'file:///etc/passwd',
])('an account cannot be pointed at a metadata service: %s', async (base_url) => {
  for (const provider of ['openai-custom', 'claude-custom']) {
    const answer = await node.post('/accounts', { id: 'evil', provider, base_url, api_key: 'sk-upstream-x' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { field: 'base_url' } });
  }
});

test('an upstream cannot send the node elsewhere', async () => {
  for (const path of ['/v1/chat/completions', '/v1/messages']) {
    const answer = await node.post(path, { model: 'r', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] });
    expect(answer.status).toBe(502);
    expect(await answer.text()).not.toContain(baitUrl);
  }
  expect(visits).toBe(0);
});

test('a URL inside a request is never fetched by the node', async () => {
  const image = { type: 'image', source: { type: 'url', url: `${baitUrl}/image.png` } };
  const document = { type: 'document', source: { type: 'url', url: `${baitUrl}/page.pdf` } };
  const image_url = { type: 'image_url', image_url: { url: `${baitUrl}/image.png` } };
  const ask = (path: string, model: string, content: unknown[]) =>
    node.post(path, { model, max_tokens: 5, messages: [{ role: 'user', content }] });
  expect((await ask('/v1/messages', 'o', [image])).status).toBe(200);
  expect((await ask('/v1/messages', 'o', [document])).status).toBe(400);
  expect((await ask('/v1/chat/completions', 'c', [image_url])).status).toBe(200);
  expect(visits).toBe(0);
});

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

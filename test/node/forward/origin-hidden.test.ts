import { afterAll, beforeAll, expect, test } from 'vitest';
import { claudeAccount, nodeKey, openaiAccount, runNode, type TestNode } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';

let upstream: Upstream;
let node: TestNode;

beforeAll(async () => {
  upstream = await start();
  node = await runNode({
    accounts: [openaiAccount(upstream, 'o', { models: ['o'] }), claudeAccount(upstream, 'c', { models: ['c'] })],
  });
});

afterAll(async () => {
  await node.stop();
  await upstream.close();
});

/** What a client may send that tells who and where it is. */
const tellTale = {
  'x-forwarded-for': '203.0.113.9',
  'x-real-ip': '203.0.113.9',
  forwarded: 'for=203.0.113.9',
  via: '1.1 corp-proxy',
  cookie: 'session=secret-cookie',
  'user-agent': 'claude-cli/2.1.112 (external, cli)',
  origin: 'https://intranet.example',
  referer: 'https://intranet.example/page',
  'x-stainless-os': 'Linux',
  'x-request-id': 'client-chosen-id',
  'cf-connecting-ip': '203.0.113.9',
  'true-client-ip': '203.0.113.9',
  'accept-language': 'de-CH',
  'x-api-key': nodeKey,
};

const body = (model: string) => ({ model, max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] });

test.each([
  ['OpenAI pass-through', '/v1/chat/completions', 'o'],
  ['OpenAI from Anthropic', '/v1/messages', 'o'],
  ['Anthropic pass-through', '/v1/messages', 'c'],
  ['Anthropic from OpenAI', '/v1/chat/completions', 'c'],
  ['transparent OpenAI', '/openai-custom/v1/chat/completions', 'gpt-4o'],
  ['transparent Anthropic', '/claude-custom/v1/messages', 'claude-sonnet-4-5'],
])('%s: nothing of the client reaches the provider', async (_name, path, model) => {
  const headers: Record<string, string> = { ...tellTale };
  if (path.includes('claude-custom')) headers['anthropic-version'] = '2023-06-01';
  const response = await node.post(path, body(model), headers);
  expect(response.status).toBe(200);
  const seen = upstream.requests.at(-1);
  const wire = `${seen?.path}\n${seen?.rawHeaders.join('\n')}`.toLowerCase();
  for (const value of Object.values(tellTale)) expect(wire).not.toContain(value.toLowerCase());
  expect(wire).not.toContain(nodeKey);
  expect(wire).not.toContain('203.0.113');
  expect(seen?.key).toMatch(/^sk-upstream/);
});

test('a key in the query is not handed on by the transparent route', async () => {
  const response = await fetch(`${node.url}/openai-custom/v1/models?key=${nodeKey}&limit=5`);
  expect(response.status).toBe(200);
  expect(upstream.requests.at(-1)?.path).toBe('/v1/models?limit=5');
});

test('same protocol: the body goes through byte for byte', async () => {
  const raw =
    '{ "model":"c",  "max_tokens" : 7, "messages":[{"role":"user","content":"z\\u00fcrich \\ud83d\\ude00"}] ,"metadata":{}}';
  const response = await node.fetch('/v1/messages', {
    method: 'POST',
    body: raw,
    headers: { 'content-type': 'application/json' },
  });
  expect(response.status).toBe(200);
  expect(upstream.requests.at(-1)?.body.toString()).toBe(raw);
});

test('secrets never stand in answers, errors or statistics', async () => {
  const remove = upstream.script('401');
  const texts = [
    await (await node.post('/v1/chat/completions', body('o'))).text(),
    await (await node.post('/v1/messages', body('c'))).text(),
    await (await node.fetch('/accounts/stats')).text(),
    await (await node.fetch('/accounts/o')).text(),
    await (await node.fetch('/loadbalancer/instances')).text(),
    await (await node.fetch('/metrics')).text(),
    await (await node.fetch('/openapi.json')).text(),
  ];
  remove();
  for (const text of texts) {
    expect(text).not.toContain('sk-upstream');
    expect(text).not.toContain(nodeKey);
  }
});

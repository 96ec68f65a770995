import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claudeAccount, nodeKey, openaiAccount, runNode, type TestNode } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';

let upstream: Upstream;
let node: TestNode;

beforeAll(async () => {
  upstream = await start();
  node = await runNode({
    accounts: [
      openaiAccount(upstream, 'o', { models: ['gpt-4o-mini'] }),
      claudeAccount(upstream, 'c', { models: ['claude-sonnet-4-5'] }),
    ],
    limits: { body_limit: '64KB' },
  });
});

afterAll(async () => {
  const alive = await node.post('/v1/chat/completions', {
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'still there?' }],
  });
  expect(alive.status).toBe(200);
  await node.stop();
  await upstream.close();
});

const shapes = {
  anthropic: { path: '/v1/messages', error: { type: 'error', error: { type: 'invalid_request_error' } } },
  openai: { path: '/v1/chat/completions', error: { error: { type: 'invalid_request_error' } } },
  responses: { path: '/v1/responses', error: { error: { type: 'invalid_request_error' } } },
  gemini: {
    path: '/v1beta/models/gpt-4o-mini:generateContent',
    error: { error: { code: 400, status: 'INVALID_ARGUMENT' } },
  },
} as const;

const deep = `{"model":"gpt-4o-mini","messages":${'['.repeat(5000)}${']'.repeat(5000)}}`;

describe.each(Object.entries(shapes))('%s', (name, { path, error }) => {
  test.each([
    ['not JSON', 'hello'],
    ['empty', ''],
    ['cut JSON', '{"model":"gpt-4o-mini","messages":['],
    ['an array', '[]'],
    ['null', 'null'],
    ['nested too deeply', deep],
    ['a trailing comma', '{"model":"gpt-4o-mini",}'],
    ['two documents', '{}{}'],
  ])('%s is a 400 in its shape', async (_what, body) => {
    const response = await node.fetch(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject(error);
  });

  test('a wrong key is a 401 in its shape', async () => {
    const response = await fetch(node.url + path, {
      method: 'POST',
      body: '{}',
      headers: { authorization: 'Bearer nope' },
    });
    expect(response.status).toBe(401);
    const text = await response.text();
    expect(text).not.toContain('nope');
    expect(JSON.parse(text)).toMatchObject(
      name === 'gemini' ? { error: { status: 'UNAUTHENTICATED' } } : { error: { type: 'authentication_error' } },
    );
  });

  test('a body over the limit is a 413', async () => {
    const response = await node.fetch(path, { method: 'POST', body: `{"a":"${'x'.repeat(70_000)}"}` });
    expect(response.status).toBe(413);
  });

  test('GET is a 405', async () => {
    const response = await node.fetch(path);
    expect(response.status).toBe(405);
  });
});

test.each([
  ['/v1/chat/completions', { messages: [] }, 'model'],
  ['/v1/messages', { messages: [], max_tokens: 5 }, 'model'],
  ['/v1/responses', { input: 'x' }, 'model'],
])('%s without a model names the field', async (path, body, field) => {
  const response = await node.post(path, body);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain(field);
});

test.each([
  ['/v1/chat/completions', { model: 'gpt-4o-minni', messages: [] }, 'gpt-4o-mini'],
  ['/v1/messages', { model: 'claude-sonnet-4-6', messages: [], max_tokens: 1 }, 'claude-sonnet-4-5'],
  ['/v1beta/models/claude-sonet-4-5:generateContent', { contents: [] }, 'claude-sonnet-4-5'],
])('%s with an unknown model is a 404 that offers the nearest names', async (path, body, nearest) => {
  const response = await node.post(path, body);
  expect(response.status).toBe(404);
  expect(await response.text()).toContain(nearest);
});

// Cross protocol, where the proxy itself reads the request.
test.each([
  ['/v1/messages', { model: 'gpt-4o-mini', max_tokens: 5, messages: 'no list' }, 'messages'],
  [
    '/v1/messages',
    { model: 'gpt-4o-mini', max_tokens: 'many', messages: [{ role: 'user', content: 'x' }] },
    'max_tokens',
  ],
  [
    '/v1/messages',
    { model: 'gpt-4o-mini', max_tokens: 5, messages: [{ role: 'robot', content: 'x' }] },
    'messages[0].role',
  ],
  [
    '/v1/chat/completions',
    { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 5 }] },
    'messages[0].content',
  ],
  ['/v1/chat/completions', { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'x' }], n: 3 }, 'n'],
  [
    '/v1/chat/completions',
    { model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'x' }], tools: [{ type: 'function' }] },
    'tools[0]',
  ],
  ['/v1/responses', { model: 'claude-sonnet-4-5', input: 7 }, 'input'],
  ['/v1/responses', { model: 'claude-sonnet-4-5', input: 'x', previous_response_id: 'resp_1' }, 'previous_response_id'],
  ['/v1beta/models/gpt-4o-mini:generateContent', { contents: 'x' }, 'contents'],
  ['/v1beta/models/gpt-4o-mini:generateContent', { contents: [{ parts: [{ text: 5 }] }] }, 'contents[0].parts[0]'],
])('%s %j names the field %s', async (path, body, field) => {
  const response = await node.post(path, body);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain(field);
});

test('__proto__ and constructor keys change nothing', async () => {
  const raw =
    '{"model":"gpt-4o-mini","max_tokens":9,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},' +
    '"messages":[{"role":"user","content":"hi","__proto__":{"polluted":1}}],' +
    '"tools":[{"name":"t","input_schema":{"type":"object","__proto__":{"polluted":1},"properties":{"__proto__":{"type":"string"}}}}]}';
  const response = await node.fetch('/v1/messages', { method: 'POST', body: raw });
  expect(response.status).toBeLessThan(500);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test.each([
  ['garbage', 'hello world\r\n\r\n'],
  ['a half request', 'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"mod'],
  ['two lengths', 'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello'],
  [
    'length and chunked',
    'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
])('%s on the socket does no harm', async (_what, bytes) => {
  const { hostname, port } = new URL(node.url);
  const socket = connect(Number(port), hostname);
  const answered = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', () => resolve(text));
  });
  socket.end(bytes.replace('host: x', `host: x\r\nauthorization: Bearer ${nodeKey}`));
  const text = await answered;
  expect(text === '' || /^HTTP\/1\.1 4\d\d /.test(text)).toBe(true);
});

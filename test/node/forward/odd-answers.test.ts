import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runNode, type TestNode } from '../../running-node.ts';
import { chunk, chunkedHead, lastChunk, rawAccount, startRaw, wholeAnswer, type RawUpstream } from './raw-upstream.ts';

let upstream: RawUpstream;
let node: TestNode;

beforeEach(async () => {
  upstream = await startRaw();
  node = await runNode({
    accounts: [rawAccount(upstream)],
    limits: { retry_attempts: 0 },
    breaker: { error_threshold: 3 },
  });
});

afterEach(async () => {
  await node.stop();
  await upstream.close();
});

const ask = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const chunkOf = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const goodStream = chunkOf({ role: 'assistant', content: '' }) + chunkOf({ content: 'hey' }) + chunkOf({}, 'stop');

async function errorCount(): Promise<number> {
  const stats = (await (await node.fetch('/accounts/stats')).json()) as { accounts: { error_count: number }[] };
  return stats.accounts[0]?.error_count ?? -1;
}

test('an answer that is no HTTP is the upstream’s failure, not a defect of the node', async () => {
  upstream.answer = (socket) => socket.end('hello world, this is not HTTP\r\n\r\n');
  const response = await node.post('/v1/chat/completions', ask);
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ error: { code: 'upstream_connection_lost' } });
  expect(await errorCount()).toBe(1);
});

test.each([
  ['400 Bad Request', 400],
  ['500 Oops', 502],
])('an error answer without end is cut: %s', async (line, status) => {
  let isClosed = false;
  upstream.answer = (socket) => {
    socket.write(chunkedHead('text/plain', line));
    const write = (): void => {
      if (!isClosed && !socket.destroyed) socket.write(chunk('x'.repeat(50_000)), () => setImmediate(write));
    };
    socket.on('close', () => (isClosed = true));
    write();
  };
  const response = await node.post('/v1/chat/completions', ask);
  expect(response.status).toBe(status);
  await expect.poll(() => isClosed).toBe(true);
});

describe.each([
  ['/v1/chat/completions', { ...ask, stream: true }, /\[DONE\]\n\n$/],
  ['/v1/messages', { ...ask, max_tokens: 9, stream: true }, /"message_stop"\}\n\n$/],
  ['/v1/responses', { model: 'm', input: 'hi', stream: true }, /"response.completed"[^\n]*\n\n$/],
  ['/v1beta/models/m:streamGenerateContent', { contents: [{ parts: [{ text: 'hi' }] }] }, /\]\s*$/],
])('%s', (path, body, ending) => {
  test('ends when the upstream has said its last word, though it keeps the answer open', async () => {
    upstream.answer = chunkedHead('text/event-stream') + chunk(`${goodStream}data: [DONE]\n\n`);
    const response = await node.post(path, body);
    expect(await response.text()).toMatch(ending);
    expect(await errorCount()).toBe(0);
    await expect
      .poll(async () => (await (await node.fetch('/stats/concurrency')).json()) as unknown)
      .toMatchObject({
        in_flight: 0,
        accounts: [{ in_flight: 0 }],
      });
  });

  test('a stream of nothing but its end is an error', async () => {
    upstream.answer = chunkedHead('text/event-stream') + chunk('data: [DONE]\n\n') + lastChunk;
    const response = await node.post(path, body);
    expect(response.status).toBe(502);
  });
});

test('a 405 says which method is allowed', async () => {
  const response = await node.fetch('/v1/messages');
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('POST');
});

test('a redirect is not followed', async () => {
  upstream.answer = wholeAnswer('{}', '302 Found', 'location: http://169.254.169.254/\r\n');
  const response = await node.post('/v1/chat/completions', ask);
  expect(response.status).toBe(502);
  expect(upstream.requests).toHaveLength(1);
});

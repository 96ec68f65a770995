import { afterAll, beforeAll, expect, test } from 'vitest';
import { runNode, type TestNode } from '../../running-node.ts';
import { chunk, chunkedHead, lastChunk, rawAccount, startRaw, type RawUpstream } from './raw-upstream.ts';

let upstream: RawUpstream;
let node: TestNode;

beforeAll(async () => {
  upstream = await startRaw();
  node = await runNode({
    accounts: [rawAccount(upstream)],
    limits: { first_event_timeout: '100ms', retry_attempts: 0 },
    breaker: { enabled: false },
  });
});

afterAll(async () => {
  await node.stop();
  await upstream.close();
});

const chunkOf = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

const requests: [string, object][] = [
  ['/v1/chat/completions', { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] }],
  ['/v1/messages', { model: 'm', stream: true, max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }],
  ['/v1/responses', { model: 'm', stream: true, input: 'hi' }],
  ['/v1beta/models/m:streamGenerateContent?alt=sse', { contents: [{ parts: [{ text: 'hi' }] }] }],
  ['/v1beta/models/m:streamGenerateContent', { contents: [{ parts: [{ text: 'hi' }] }] }],
];

test.each(requests)(
  '%s: the head comes before the first event once first_event_timeout is over',
  async (path, body) => {
    let speak = (): void => undefined;
    upstream.answer = (socket) => {
      socket.write(chunkedHead('text/event-stream'));
      speak = () =>
        socket.write(chunk(`${chunkOf({ content: 'late' })}${chunkOf({}, 'stop')}data: [DONE]\n\n`) + lastChunk);
    };
    const response = await node.post(path, body);
    expect(response.status).toBe(200);
    speak();
    expect(await response.text()).toContain('late');
  },
);

test.each(requests)('%s: a failure after that is an error in the stream and not a clean end', async (path, body) => {
  let leave = (): void => undefined;
  upstream.answer = (socket) => {
    socket.write(chunkedHead('text/event-stream'));
    leave = () => socket.write(lastChunk);
  };
  const response = await node.post(path, body);
  expect(response.status).toBe(200);
  leave();
  const text = await response.text();
  expect(text).toMatch(/error/);
  if (path.endsWith('streamGenerateContent')) expect(JSON.parse(text)).toMatchObject([{ error: { code: 502 } }]);
});

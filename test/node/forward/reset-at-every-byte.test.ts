import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claudeAccount, openaiAccount, runNode, type TestNode } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';

/**
 * The upstream's connection breaks at every single byte of its stream. Whatever the client then has must not look
 * complete: either an error status, or a stream that ends in the protocol's error event and has no terminal event.
 */
let upstream: Upstream;
let node: TestNode;
const text = 'script:text=3';

beforeAll(async () => {
  upstream = await start();
  node = await runNode({
    accounts: [
      openaiAccount(upstream, 'o', { models: ['o'], model_map: {}, group: 'o' }),
      claudeAccount(upstream, 'c', { models: ['c'], group: 'c' }),
    ],
    breaker: { enabled: false },
    limits: { retry_attempts: 0 },
  });
});

afterAll(async () => {
  await node.stop();
  await upstream.close();
});

interface Client {
  name: string;
  path(model: string): string;
  body(model: string): unknown;
  terminal: RegExp;
  errorEvent: RegExp;
}

const messages = [{ role: 'user', content: 'count to three' }];
const clients: Client[] = [
  {
    name: 'anthropic',
    path: () => '/v1/messages',
    body: (model) => ({ model, max_tokens: 100, stream: true, messages }),
    terminal: /^event: message_stop$/m,
    errorEvent: /^event: error$/m,
  },
  {
    name: 'openai-chat',
    path: () => '/v1/chat/completions',
    body: (model) => ({ model, stream: true, messages }),
    terminal: /^data: \[DONE\]$/m,
    errorEvent: /^data: \{"error":/m,
  },
  {
    name: 'openai-responses',
    path: () => '/v1/responses',
    body: (model) => ({ model, stream: true, input: 'count to three' }),
    terminal: /"type":"response\.(completed|incomplete)"/,
    errorEvent: /"type":"(response\.failed|error)"/,
  },
  {
    name: 'gemini',
    path: (model) => `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    body: () => ({ contents: [{ role: 'user', parts: [{ text: 'count to three' }] }] }),
    terminal: /"finishReason"/,
    errorEvent: /^data: \{"error":/m,
  },
];

// The transport may break by reset or by a clean FIN inside the chunked body; both end an HTTP message too early.
describe.each(clients)('$name client', (client) => {
  test.each([
    ['o', 'reset-at'],
    ['c', 'reset-at'],
    ['o', 'cut-at'],
    ['c', 'cut-at'],
  ])('upstream %s, %s: no offset gives a stream that looks complete', async (model, breakage) => {
    const call = async (script: string) => {
      const remove = upstream.script(script);
      const response = await node.post(client.path(model), client.body(model));
      const body = await response.text();
      remove();
      return { status: response.status, body };
    };
    const whole = await call(text);
    expect(whole.status).toBe(200);
    expect(whole.body).toMatch(client.terminal);
    expect(whole.body).not.toMatch(client.errorEvent);
    let atOffset = 0;
    for (;;) {
      const { status, body } = await call(`${text},${breakage}=${atOffset}`);
      const isError = status >= 500 && !client.terminal.test(body);
      const isBroken = status === 200 && client.errorEvent.test(body) && !client.terminal.test(body);
      const isWhole = status === 200 && client.terminal.test(body) && !client.errorEvent.test(body);
      if (isWhole) break;
      expect({ atOffset, isError, isBroken, status, body: isError || isBroken ? '' : body }).toEqual({
        atOffset,
        isError,
        isBroken: !isError,
        status,
        body: '',
      });
      atOffset++;
    }
    // The first offset that gives a whole stream lies at the stream's end: everything before it was seen to break.
    expect(atOffset).toBeGreaterThan(200);
  });
});

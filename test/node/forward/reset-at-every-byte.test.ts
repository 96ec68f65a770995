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
    accounts: [openaiAccount(upstream), claudeAccount(upstream)],
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
    path: (model) => `/v1beta/models/${encodeURIComponent(model)}:streamGenerateContent?alt=sse`,
    body: () => ({ contents: [{ role: 'user', parts: [{ text: 'count to three' }] }] }),
    terminal: /"finishReason"/,
    errorEvent: /^data: \{"error":/m,
  },
];

/** Requests at once: enough to keep the processor busy, few enough to stay clear of the waiting queue. */
const batch = 25;

// The transport may break by reset or by a clean FIN inside the chunked body; both end an HTTP message too early.
describe.each(clients)('$name client', (client) => {
  const call = async (provider: string, script: string) => {
    const model = `${provider}/${script}`;
    const response = await node.post(client.path(model), client.body(model));
    return { status: response.status, body: await response.text() };
  };

  /** What the client can tell from what it has: `error` and `broken` are honest, `whole` is complete, `lie` is neither. */
  const verdict = ({ status, body }: { status: number; body: string }) => {
    const hasEnd = client.terminal.test(body);
    const hasError = client.errorEvent.test(body);
    if (status >= 500 && !hasEnd) return 'error';
    if (status !== 200 || hasEnd === hasError) return `lie: ${status} ${body}`;
    return hasEnd ? 'whole' : 'broken';
  };

  test.each([
    ['openai-custom', 'reset-at'],
    ['claude-custom', 'reset-at'],
    ['openai-custom', 'cut-at'],
    ['claude-custom', 'cut-at'],
  ])(
    '%s, %s: no offset gives a stream that looks complete',
    async (provider, breakage) => {
      expect(verdict(await call(provider, text))).toBe('whole');
      let offset = 0;
      let isThrough = false;
      while (!isThrough) {
        const offsets = Array.from({ length: batch }, (_, at) => offset + at);
        const verdicts = await Promise.all(
          offsets.map(async (at) => verdict(await call(provider, `${text},${breakage}=${at}`))),
        );
        expect(verdicts.filter((said) => said.startsWith('lie'))).toEqual([]);
        // A break behind the terminal event does no harm any more.
        const firstWhole = verdicts.indexOf('whole');
        isThrough = firstWhole !== -1;
        offset += isThrough ? firstWhole : batch;
      }
      expect(offset).toBeGreaterThan(200);
    },
    180_000,
  );
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claudeAccount, openaiAccount, runNode, type TestNode } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';

let upstream: Upstream;
let node: TestNode;

beforeEach(async () => {
  upstream = await start();
  node = await runNode({ accounts: [openaiAccount(upstream)], cache: { enabled: true } });
});

afterEach(async () => {
  await node.stop();
  await upstream.close();
});

const chat = '/v1/chat/completions';
const ask = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };
const outcome = (response: Response) => response.headers.get('x-aiproxy-cache');

describe('a request that was answered before', () => {
  test('is answered from the cache, byte for byte, without an account', async () => {
    const first = await node.post(chat, ask);
    expect(outcome(first)).toBe('miss');
    const text = await first.text();
    const second = await node.post(chat, ask);
    expect(outcome(second)).toBe('hit');
    expect(await second.text()).toBe(text);
    expect(second.headers.get('content-type')).toBe('application/json');
    expect(second.headers.get('age')).toBe('0');
    expect(second.headers.get('x-aiproxy-attempts')).toBe('0');
    expect(second.headers.get('x-aiproxy-account')).toBeNull();
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    expect(second.headers.get('x-aiproxy-cache-key')).toBe(first.headers.get('x-aiproxy-cache-key'));
    expect(upstream.totals.requests).toBe(1);
  });
});

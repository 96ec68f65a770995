import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runNode, type TestNode } from '../../running-node.ts';
import { startAmazonq } from '../../upstream/amazonq/amazonq.ts';

type Amazonq = Awaited<ReturnType<typeof startAmazonq>>;
let upstream: Amazonq;
let node: TestNode;

beforeAll(async () => {
  upstream = await startAmazonq();
  node = await runNode({ accounts: [{ id: 'q1', provider: 'amazonq', ...upstream.account('q1') }] });
  // The account serves once its first token is there.
  await vi.waitFor(async () => expect((await node.fetch('/health')).status).toBe(200));
});

afterAll(async () => {
  await node.stop();
  await upstream.close();
});

describe('a long answer', () => {
  it('comes whole, though its frames make it many times as long', async () => {
    upstream.script('text=40000');
    const body = { model: 'claude-sonnet-4.5', max_tokens: 64_000, messages: [{ role: 'user', content: 'x' }] };
    const response = await node.post('/v1/messages', body);
    const answer = (await response.json()) as { content: { text: string }[]; stop_reason: string };
    expect(response.status).toBe(200);
    expect(answer.content[0]?.text).toContain('word39999');
    expect(answer.stop_reason).toBe('end_turn');
  });

  it.each([true, false])('ends at a stop sequence, for the upstream as well (streamed: %s)', async (stream) => {
    const { aborted } = upstream.totals;
    upstream.script('endless');
    const messages = [{ role: 'user', content: 'x' }];
    const body = { model: 'claude-sonnet-4.5', max_tokens: 9, stream, stop_sequences: ['word3'], messages };
    const response = await node.post('/v1/messages', body);
    const text = await response.text();
    expect(text).toContain('"stop_reason":"stop_sequence","stop_sequence":"word3"');
    expect(text).not.toContain('word3 ');
    await upstream.until(({ totals }) => totals.aborted === aborted + 1);
  });
});

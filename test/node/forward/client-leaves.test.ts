import { connect } from 'node:net';
import { once } from 'node:events';
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

const ask = (model: string) => ({ model, stream: true, max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] });

test.each([
  ['same protocol', '/v1/chat/completions', 'o'],
  ['translated', '/v1/messages', 'o'],
  ['translated the other way', '/v1/chat/completions', 'c'],
])('a client that goes away in mid-stream ends the upstream call at once: %s', async (_name, path, model) => {
  const remove = upstream.script('endless,slow=5');
  const before = upstream.totals.aborted;
  const leave = new AbortController();
  const response = await node.post(path, ask(model), {}).then((r) => r);
  const reader = response.body!.getReader();
  await reader.read();
  leave.abort();
  await reader.cancel();
  await upstream.until(({ totals }) => totals.aborted === before + 1);
  remove();
  await expect.poll(async () => inFlight()).toBe(0);
});

test('a client that goes away before the first byte ends the upstream call, and is no failure of the account', async () => {
  const remove = upstream.script('silent');
  const before = upstream.totals.aborted;
  const leave = new AbortController();
  const pending = node.fetch('/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify(ask('o')),
    signal: leave.signal,
  });
  await upstream.until(({ totals }) => totals.inFlight > 0 || totals.requests > 0);
  await expect.poll(async () => inFlight()).toBe(1);
  leave.abort();
  await expect(pending).rejects.toThrow(/abort/i);
  await upstream.until(({ totals }) => totals.aborted === before + 1);
  remove();
  const stats = (await (await node.fetch('/accounts/stats')).json()) as {
    accounts: { id: string; error_count: number }[];
  };
  expect(stats.accounts.find(({ id }) => id === 'o')?.error_count).toBe(0);
});

test('a client that does not read stops the upstream instead of filling memory', async () => {
  const remove = upstream.script('endless');
  const { hostname, port } = new URL(node.url);
  const socket = connect(Number(port), hostname);
  const body = JSON.stringify(ask('o'));
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${nodeKey}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await once(socket, 'readable');
  // The client reads nothing more: the number of events that the upstream could write must come to rest.
  const settled = async () => {
    const seen = upstream.totals.contentEvents;
    // Twenty calls through the same node and upstream: a stream that still flowed would bring thousands of events.
    for (let call = 0; call < 20; call++) await (await node.fetch('/openai-custom/v1/models')).text();
    return upstream.totals.contentEvents - seen;
  };
  await expect.poll(settled, { timeout: 20_000 }).toBe(0);
  socket.destroy();
  await upstream.until(({ totals }) => totals.inFlight === 0);
  remove();
});

async function inFlight(): Promise<number> {
  const stats = (await (await node.fetch('/stats/concurrency')).json()) as Record<string, unknown>;
  return Number(JSON.stringify(stats).match(/"(?:in_flight|active|current)":(\d+)/)?.[1]);
}

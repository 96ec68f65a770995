import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claudeAccount, openaiAccount, runNode, type TestNode } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';

let upstream: Upstream;
let node: TestNode;

beforeEach(async () => {
  upstream = await start();
});

afterEach(async () => {
  await node.stop();
  await upstream.close();
});

const ask = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };
const askClaude = { ...ask, max_tokens: 50 };

/** A bad account that is always picked first, and a good one. */
async function badThenGood(script: string, limits: Record<string, unknown> = {}): Promise<void> {
  node = await runNode({
    accounts: [
      openaiAccount(upstream, 'bad', { weight: 1000 }, script),
      openaiAccount(upstream, 'good', { weight: 1 }),
    ],
    limits,
  });
}

describe('a failure before the first content is answered by another account', () => {
  test.each([
    ['500'],
    ['503'],
    ['429=7'],
    ['401'],
    ['reset-at=0'],
    ['reset-at=40'],
    ['html-200'],
    ['html-502'],
    ['broken-json'],
    ['empty'],
  ])('%s, not streamed', async (script) => {
    await badThenGood(script);
    const response = await node.post('/v1/chat/completions', ask);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-aiproxy-account')).toBe('good');
    expect(response.headers.get('x-aiproxy-attempts')).toBe('2');
    await expect(response.json()).resolves.toMatchObject({ object: 'chat.completion', model: 'm' });
  });

  test.each([['500'], ['error-before'], ['reset-at=0'], ['truncate=0'], ['html-200']])(
    '%s, streamed',
    async (script) => {
      await badThenGood(script);
      const response = await node.post('/v1/chat/completions', { ...ask, stream: true });
      expect(response.status).toBe(200);
      expect(response.headers.get('x-aiproxy-account')).toBe('good');
      const text = await response.text();
      expect(text).toMatch(/data: \[DONE\]\n\n$/);
      expect(text).not.toContain('"error"');
    },
  );
});

test('a failure after the first content is not repeated: the stream ends with an error event', async () => {
  await badThenGood('text=5,error-after=2');
  const response = await node.post('/v1/chat/completions', { ...ask, stream: true });
  const text = await response.text();
  expect(response.headers.get('x-aiproxy-attempts')).toBe('1');
  expect(text).toMatch(/data: \{"error":/);
  expect(text).not.toContain('[DONE]');
});

test.each([
  ['400', 400],
  ['too-long', 400],
])("the client's own error %s is not repeated and is nobody's failure", async (script, status) => {
  await badThenGood(script);
  const response = await node.post('/v1/chat/completions', ask);
  expect(response.status).toBe(status);
  expect(response.headers.get('x-aiproxy-attempts')).toBe('1');
  const stats = (await (await node.fetch('/accounts/stats')).json()) as {
    accounts: { id: string; error_count: number }[];
  };
  expect(stats.accounts.find(({ id }) => id === 'bad')?.error_count).toBe(0);
});

test('context overflow reaches each client in the words it compacts on', async () => {
  node = await runNode({
    accounts: [
      openaiAccount(upstream, 'o', { models: ['o'] }, 'too-long'),
      claudeAccount(upstream, 'c', { models: ['c'] }, 'too-long'),
    ],
  });
  for (const model of ['o', 'c']) {
    const toAnthropic = await node.post('/v1/messages', { ...askClaude, model });
    expect(toAnthropic.status).toBe(400);
    expect(((await toAnthropic.json()) as { error: { message: string } }).error.message).toMatch(/prompt is too long/i);
    const toOpenai = await node.post('/v1/chat/completions', { ...ask, model });
    expect(toOpenai.status).toBe(400);
    expect(await toOpenai.json()).toMatchObject({ error: { code: 'context_length_exceeded' } });
  }
});

test('with every account resting the client gets 429 with the soonest Retry-After', async () => {
  node = await runNode({
    accounts: [openaiAccount(upstream, 'a', {}, '429=60'), openaiAccount(upstream, 'b', {}, '429=30')],
  });
  await node.post('/v1/chat/completions', ask);
  const before = upstream.totals.requests;
  const response = await node.post('/v1/chat/completions', ask);
  expect(response.status).toBe(429);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(20);
  expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(30);
  expect(upstream.totals.requests).toBe(before);
});

test('the breaker opens at the threshold and the account is left alone until it is reset', async () => {
  node = await runNode({
    accounts: [openaiAccount(upstream, 'only', {}, '500')],
    limits: { retry_attempts: 0 },
    breaker: { error_threshold: 3 },
  });
  for (let attempt = 0; attempt < 3; attempt++) expect((await node.post('/v1/chat/completions', ask)).status).toBe(502);
  const open = await node.post('/v1/chat/completions', ask);
  expect(open.status).toBe(503);
  expect(await open.json()).toMatchObject({ detail: 'No available accounts' });
  expect(upstream.totals.requests).toBe(3);
  const health = await node.fetch('/health');
  expect(health.status).toBe(503);
  await node.post('/accounts/only/reset', {});
  expect((await node.post('/v1/chat/completions', ask)).status).toBe(502);
});

test('retries stop at retry_attempts', async () => {
  node = await runNode({
    accounts: Array.from({ length: 6 }, (_, at) => openaiAccount(upstream, `a${at}`, {}, '500')),
    limits: { retry_attempts: 2 },
  });
  const response = await node.post('/v1/chat/completions', ask);
  expect(response.status).toBe(502);
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect(upstream.totals.requests).toBe(3);
});

test('an outage is not multiplied: retries stay within the budget', async () => {
  node = await runNode({
    accounts: Array.from({ length: 4 }, (_, at) => openaiAccount(upstream, `a${at}`, {}, '500')),
    breaker: { enabled: false },
  });
  const calls = 200;
  await Promise.all(Array.from({ length: calls }, () => node.post('/v1/chat/completions', ask).then((r) => r.text())));
  // 20 % of the traffic, and a floor for quiet times.
  expect(upstream.totals.requests).toBeLessThanOrEqual(calls * 1.2 + 20);
});

test('a kept connection that the upstream has closed costs no error', async () => {
  node = await runNode({ accounts: [openaiAccount(upstream, 'only')] });
  for (let turn = 0; turn < 5; turn++) {
    expect((await node.post('/v1/chat/completions', ask)).status).toBe(200);
    upstream.dropIdleConnections();
  }
  const stats = (await (await node.fetch('/accounts/stats')).json()) as { accounts: { error_count: number }[] };
  expect(stats.accounts[0]?.error_count).toBe(0);
});

test('requests over max_concurrency wait for a place; past the queue they get 429 with Retry-After', async () => {
  node = await runNode({
    accounts: [openaiAccount(upstream, 'only', { max_concurrency: 2 }, 'delay=150')],
    limits: { queue_size: 3 },
  });
  const responses = await Promise.all(Array.from({ length: 8 }, () => node.post('/v1/chat/completions', ask)));
  const statuses = responses.map((response) => response.status).toSorted();
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
  expect(responses.find(({ status }) => status === 429)?.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(upstream.totals.inFlightMax).toBeLessThanOrEqual(2);
});

test('embeddings go to accounts that can; where none can the answer says so', async () => {
  node = await runNode({
    accounts: [claudeAccount(upstream), openaiAccount(upstream, 'o', { models: ['text-embedding-3-small'] })],
  });
  const good = await node.post('/v1/embeddings', { model: 'text-embedding-3-small', input: 'hello' });
  expect(good.status).toBe(200);
  expect(await good.json()).toMatchObject({ object: 'list' });
  const bad = await node.post('/v1/embeddings', { model: 'claude-sonnet-4-5', input: 'hello' });
  expect(bad.status).toBe(400);
  expect(await bad.json()).toMatchObject({ error: { param: 'model' } });
});

describe('a 429 always says when to come back', () => {
  test.each([
    ['the last one failed longer', ['429=30', '429=60'], 30],
    ['the last one failed shorter', ['429=60', '429=30'], 30],
  ])('the soonest of all when every account was tried: %s', async (_name, scripts, seconds) => {
    node = await runNode({
      accounts: scripts.map((script, at) => openaiAccount(upstream, `a${at}`, { weight: 1000 - 999 * at }, script)),
    });
    const response = await node.post('/v1/chat/completions', ask);
    expect(response.status).toBe(429);
    expect(response.headers.get('x-aiproxy-attempts')).toBe('2');
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(seconds - 5);
    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(seconds);
  });

  test.each([['/v1/messages'], ['/v1/chat/completions']])('%s, of an upstream that says nothing', async (path) => {
    node = await runNode({ accounts: [claudeAccount(upstream, 'only', {}, '429')] });
    const response = await node.post(path, askClaude);
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('at once when another account is free and only the tries are used up', async () => {
    node = await runNode({
      accounts: [openaiAccount(upstream, 'a', { weight: 1000 }, '429=60'), openaiAccount(upstream, 'b', { weight: 1 })],
      limits: { retry_attempts: 0 },
    });
    const response = await node.post('/v1/chat/completions', ask);
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('1');
  });
});

test('what one account would have dropped is not reported for the answer of another', async () => {
  node = await runNode({
    accounts: [claudeAccount(upstream, 'c', { weight: 1000 }, '500'), openaiAccount(upstream, 'o', { weight: 1 })],
  });
  const response = await node.post('/v1/chat/completions', { ...ask, seed: 3 });
  expect(response.headers.get('x-aiproxy-account')).toBe('o');
  expect(response.headers.get('x-aiproxy-dropped')).toBeNull();
});

import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claudeAccount, nodeKey, openaiAccount, runNode, type TestNode } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';

let upstream: Upstream;
let node: TestNode;

beforeAll(async () => {
  upstream = await start();
  node = await runNode({
    accounts: [
      openaiAccount(upstream, 'o', { models: ['m', 'text-embedding-3-small', '400', '500'] }),
      claudeAccount(upstream, 'c', { models: ['claude'] }),
    ],
    models: { fast: 'm' },
    cache: { enabled: true },
    limits: { retry_attempts: 0, global_max_concurrency: 2, queue_size: 2000 },
  });
});

beforeEach(async () => {
  upstream.clear();
  await node.fetch('/cache/enable', { method: 'PUT' });
  await node.fetch('/cache/clear', { method: 'DELETE' });
});

afterAll(async () => {
  await node.stop();
  await upstream.close();
});

const chat = '/v1/chat/completions';
const ask = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };
const outcome = (response: Response) => response.headers.get('x-aiproxy-cache');
const stats = async () => (await (await node.fetch('/cache/stats')).json()) as Record<string, unknown>;

const inFlight = async () => {
  const reading = (await (await node.fetch('/stats/concurrency')).json()) as { in_flight: number };
  return reading.in_flight;
};

/** Sends a request and reads its answer. */
async function send(body: unknown = ask, headers: Record<string, string> = {}, path = chat) {
  const response = await node.post(path, body, headers);
  return { response, outcome: outcome(response), status: response.status, text: await response.text() };
}

describe('a request that was answered before', () => {
  test('is answered from the cache, byte for byte, without an account', async () => {
    const first = await send();
    const second = await send();
    expect([first.outcome, second.outcome]).toEqual(['miss', 'hit']);
    expect(second.text).toBe(first.text);
    const { headers } = second.response;
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('age')).toBe('0');
    expect(headers.get('x-aiproxy-attempts')).toBe('0');
    expect(headers.get('x-aiproxy-account')).toBeNull();
    expect(headers.get('x-request-id')).not.toBe(first.response.headers.get('x-request-id'));
    expect(headers.get('x-aiproxy-cache-key')).toBe(first.response.headers.get('x-aiproxy-cache-key'));
    expect(upstream.totals.requests).toBe(1);
  });

  test('may have its members in another order and say who asks', async () => {
    await send();
    const { outcome: reordered } = await send({ messages: ask.messages, stream: false, user: 'u1', model: 'm' });
    expect(reordered).toBe('hit');
    const { outcome: other } = await send({ ...ask, temperature: 0.5 });
    expect(other).toBe('miss');
  });

  test.each([
    ['Anthropic Messages', '/v1/messages', { ...ask, model: 'claude', max_tokens: 50 }],
    ['Anthropic Messages, translated', '/v1/messages', { ...ask, max_tokens: 50 }],
    ['OpenAI Chat, translated', chat, { ...ask, model: 'claude' }],
    ['OpenAI Responses', '/v1/responses', { model: 'm', input: 'hello' }],
    ['Gemini', '/v1beta/models/m:generateContent', { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }],
    ['embeddings', '/v1/embeddings', { model: 'text-embedding-3-small', input: 'hello' }],
  ])('is answered from the cache in every protocol: %s', async (_name, path, body) => {
    const first = await send(body, {}, path);
    expect(first.status).toBe(200);
    const second = await send(body, {}, path);
    expect([first.outcome, second.outcome]).toEqual(['miss', 'hit']);
    expect(second.text).toBe(first.text);
    expect(second.response.headers.get('x-aiproxy-dropped')).toBe(first.response.headers.get('x-aiproxy-dropped'));
  });

  test('says what was dropped, as the first answer did', async () => {
    const body = { ...ask, model: 'claude', logit_bias: { '1': 2 } };
    const first = await send(body);
    expect(first.response.headers.get('x-aiproxy-dropped')).toContain('logit_bias');
    const second = await send(body);
    expect(second.outcome).toBe('hit');
    expect(second.response.headers.get('x-aiproxy-dropped')).toBe(first.response.headers.get('x-aiproxy-dropped'));
  });

  test('is served to an official client unchanged', async () => {
    const client = new OpenAI({ baseURL: `${node.url}/v1`, apiKey: nodeKey });
    const params = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] };
    const first = await client.chat.completions.create(params);
    const second = await client.chat.completions.create(params).withResponse();
    expect(outcome(second.response)).toBe('hit');
    expect(second.data).toEqual(first);
    expect(second.data.choices[0]?.message.content).toBe('hi');
  });

  test('holds no place of the node: hits are served while all places are taken', async () => {
    await send();
    const remove = upstream.script('silent');
    const leave = new AbortController();
    const busy = [1, 2].map((seed) =>
      node.fetch(chat, { method: 'POST', body: JSON.stringify({ ...ask, seed }), signal: leave.signal }),
    );
    await expect.poll(async () => inFlight()).toBe(2);
    expect((await send()).outcome).toBe('hit');
    leave.abort();
    await Promise.allSettled(busy);
    remove();
  });

  test('counts in the metrics of requests and of the cache', async () => {
    const other = await runNode({ accounts: [openaiAccount(upstream)], cache: { enabled: true } });
    for (const expected of ['miss', 'hit']) expect(outcome(await other.post(chat, ask))).toBe(expected);
    const text = await (await other.fetch('/metrics')).text();
    await other.stop();
    expect(text).toContain('aiproxy_http_requests_total{protocol="openai-chat",status="200"} 2');
    expect(text).toContain('aiproxy_cache_hits_total 1');
    expect(text).toContain('aiproxy_cache_misses_total 1');
    expect(text).toMatch(/aiproxy_cache_size_bytes [1-9]/);
    expect(text).toContain('aiproxy_cache_entries 1');
  });
});

describe('what is not kept', () => {
  test('streams, token counts and what goes through transparently are none of its business', async () => {
    for (const round of [1, 2]) {
      expect((await send({ ...ask, stream: true })).outcome, `round ${round}`).toBe('bypass');
      const count = { ...ask, model: 'claude' };
      expect((await send(count, {}, '/v1/messages/count_tokens')).outcome).toBe('bypass');
      expect((await send(ask, {}, '/openai-custom/v1/chat/completions')).outcome).toBe('bypass');
    }
    expect(await stats()).toMatchObject({ entries: 0 });
  });

  test.each(['400', '500'])('errors: %s', async (model) => {
    for (const round of [1, 2]) expect((await send({ ...ask, model })).outcome, `round ${round}`).toBe('miss');
    expect(upstream.totals.requests).toBe(2);
    expect(await stats()).toMatchObject({ entries: 0 });
  });

  test('an answer that was cut is not kept, nor given to anybody', async () => {
    const remove = upstream.script('cut-at=40');
    expect((await send()).status).toBe(502);
    remove();
    expect((await send()).outcome).toBe('miss');
  });

  test('the client says no-store: neither read nor kept', async () => {
    expect((await send(ask, { 'cache-control': 'no-store' })).outcome).toBe('bypass');
    expect((await send()).outcome).toBe('miss');
    expect((await send(ask, { 'cache-control': 'no-store' })).outcome).toBe('bypass');
    expect(upstream.totals.requests).toBe(3);
  });

  test('a request that changes something at the provider', async () => {
    for (const round of [1, 2]) expect((await send({ ...ask, store: true })).outcome, `round ${round}`).toBe('bypass');
  });
});

describe('a client that wants a fresh answer', () => {
  test.each([
    ['cache-control', 'no-cache'],
    ['cache-control', 'max-age=0'],
    ['pragma', 'no-cache'],
  ])('gets one, which is kept for the others: %s: %s', async (name, value) => {
    const first = await send();
    const remove = upstream.script('say=newer');
    const fresh = await send(ask, { [name]: value });
    remove();
    expect(fresh.text).not.toBe(first.text);
    const next = await send();
    expect([fresh.outcome, next.outcome]).toEqual(['bypass', 'hit']);
    expect(next.text).toBe(fresh.text);
  });
});

describe('clearing', () => {
  const clear = async (query = '') => {
    const response = await node.fetch(`/cache/clear${query}`, { method: 'DELETE' });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  test('everything', async () => {
    await send();
    const { body } = await clear();
    expect(body).toMatchObject({ cleared: 1, missing: [] });
    expect(body['acknowledged']).toHaveLength(1);
    expect((await send()).outcome).toBe('miss');
  });

  test('a model, as clients ask for it', async () => {
    await send();
    await send({ ...ask, model: 'fast' });
    expect((await clear('?model=fast')).body).toMatchObject({ cleared: 1 });
    expect((await send()).outcome).toBe('hit');
    expect((await send({ ...ask, model: 'fast' })).outcome).toBe('miss');
  });

  test('a tag', async () => {
    await send(ask, { 'x-aiproxy-cache-tag': 'nightly, report' });
    await send({ ...ask, seed: 1 });
    expect((await clear('?tag=report')).body).toMatchObject({ cleared: 1 });
    expect((await send()).outcome).toBe('miss');
    expect((await send({ ...ask, seed: 1 })).outcome).toBe('hit');
  });

  test('one answer, by the key that its header tells', async () => {
    const key = (await send()).response.headers.get('x-aiproxy-cache-key') ?? '';
    await send({ ...ask, seed: 1 });
    expect((await clear(`?key=${key}`)).body).toMatchObject({ cleared: 1 });
    expect((await send()).outcome).toBe('miss');
    expect((await send({ ...ask, seed: 1 })).outcome).toBe('hit');
  });

  test('by two things at once, or by something unknown, is refused', async () => {
    expect((await clear('?model=a&tag=b')).status).toBe(400);
    expect((await clear('?modle=a')).status).toBe(400);
  });

  test('an answer that was begun before is not kept, nor given to those who come after', async () => {
    const remove = upstream.script('delay=150', { times: 1 });
    const before = send();
    await upstream.until(({ totals }) => totals.requests === 1);
    await clear();
    const after = send();
    await upstream.until(({ totals }) => totals.requests === 2);
    expect((await after).outcome).toBe('miss');
    expect((await before).outcome).toBe('miss');
    remove();
    expect(await stats()).toMatchObject({ entries: 1 });
  });
});

describe('switching', () => {
  test('off: neither served nor kept; on again: what was kept is there', async () => {
    await send();
    const off = await node.fetch('/cache/disable', { method: 'PUT' });
    expect(await off.json()).toMatchObject({ enabled: false, missing: [] });
    expect((await send()).outcome).toBe('bypass');
    expect(await stats()).toMatchObject({ enabled: false, entries: 1 });
    await node.fetch('/cache/enable', { method: 'PUT' });
    expect((await send()).outcome).toBe('hit');
  });

  test('a node without it can be given it while it runs', async () => {
    const plain = await runNode({ accounts: [openaiAccount(upstream)] });
    const twice = async () => [await plain.post(chat, ask), await plain.post(chat, ask)].map(outcome);
    expect(await twice()).toEqual(['bypass', 'bypass']);
    await plain.fetch('/cache/enable', { method: 'PUT' });
    expect(await twice()).toEqual(['miss', 'hit']);
    await plain.stop();
  });
});

test('an alias that is turned to another model finds no answers of the former one', async () => {
  const settings = (fast: string) => ({
    accounts: [openaiAccount(upstream, 'o', { models: ['m', 'n'] })],
    models: { fast },
    cache: { enabled: true },
  });
  const own = await runNode(settings('m'));
  const question = { ...ask, model: 'fast' };
  for (const expected of ['miss', 'hit']) expect(outcome(await own.post(chat, question))).toBe(expected);
  await own.reload(settings('n'));
  expect(outcome(await own.post(chat, question))).toBe('miss');
  await own.stop();
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runNode, type TestNode } from '../../running-node.ts';
import { startGatedUpstream, type GatedUpstream } from './gated-upstream.ts';

let upstream: GatedUpstream;
let node: TestNode;

beforeEach(async () => {
  upstream = await startGatedUpstream();
  node = await runNode({
    accounts: [
      { id: 'a', provider: 'openai-custom', base_url: upstream.baseUrl, api_key: 'sk-upstream-1', discovery: false },
    ],
    cache: { enabled: true },
    breaker: { enabled: false },
    limits: { retry_attempts: 0, drain_timeout: '1s' },
  });
});

afterEach(async () => {
  await node.stop();
  await upstream.close();
});

const chat = '/v1/chat/completions';
const ask = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };
const active = async () => {
  const text = await (await node.fetch('/metrics')).text();
  return Number(/^aiproxy_http_active_requests (\d+)/m.exec(text)?.[1]);
};
/** So many requests are under way at the node; the scrape that looks is one more. */
const underWay = (count: number) => expect.poll(active, { interval: 5, timeout: 5000 }).toBe(count + 1);

interface Sent {
  status: number;
  outcome: string | null;
  text: string;
}

/** So many identical requests, in this order, all of them under way at the node beside `before` others. */
async function crowd(count: number, before = 0): Promise<{ answers: Promise<Sent>[]; leave: AbortController[] }> {
  const leave = Array.from({ length: count }, () => new AbortController());
  const answers: Promise<Sent>[] = [];
  for (const [index, { signal }] of leave.entries()) {
    const sent = node.fetch(chat, { method: 'POST', body: JSON.stringify(ask), signal }).then(async (response) => ({
      status: response.status,
      outcome: response.headers.get('x-aiproxy-cache'),
      text: await response.text(),
    }));
    sent.catch(() => undefined);
    answers.push(sent);
    await underWay(before + index + 1);
  }
  await upstream.came(before === 0 ? 1 : 2);
  return { answers, leave };
}

const outcomes = async (answers: Promise<Sent>[]) =>
  (await Promise.all(answers)).map(({ status, outcome }) => `${status} ${outcome}`);

describe('identical requests under way', () => {
  test('are sent upstream once; all get the answer', async () => {
    const { answers } = await crowd(5);
    upstream.answer(0);
    expect(await outcomes(answers)).toEqual(['200 miss', '200 hit', '200 hit', '200 hit', '200 hit']);
    expect(new Set((await Promise.all(answers)).map(({ text }) => text)).size).toBe(1);
    expect(upstream.count).toBe(1);
    expect(await (await node.fetch('/cache/stats')).json()).toMatchObject({ hits: 4, misses: 1, coalesced: 4 });
  });

  test('a failing leader is followed by one, then by two, not by all at once', async () => {
    const { answers } = await crowd(6);
    upstream.answer(0, 500);
    await upstream.came(2);
    upstream.answer(1, 500);
    await upstream.came(4);
    upstream.answer(3);
    await Promise.all([answers[4], answers[5]]);
    upstream.answer(2);
    expect(await outcomes(answers)).toEqual(['502 miss', '502 miss', '200 miss', '200 miss', '200 hit', '200 hit']);
    expect(upstream.count).toBe(4);
  });

  test('an answer that its upstream wants kept nowhere is for its own client alone', async () => {
    const { answers } = await crowd(3);
    upstream.answer(0, 200, { 'cache-control': 'private, no-store' });
    await upstream.came(3);
    upstream.open();
    expect(await outcomes(answers)).toEqual(['200 miss', '200 miss', '200 miss']);
    expect(new Set((await Promise.all(answers)).map(({ text }) => text)).size).toBe(3);
  });

  test('a leader whose client leaves still answers those who wait', async () => {
    const { answers, leave } = await crowd(3);
    leave[0]?.abort();
    await expect(answers[0]).rejects.toThrow(/abort/i);
    upstream.answer(0);
    expect(await outcomes(answers.slice(1))).toEqual(['200 hit', '200 hit']);
    expect([upstream.count, upstream.aborted]).toEqual([1, 0]);
    await underWay(0);
  });

  test('once all clients have left, the upstream call is ended', async () => {
    const { answers, leave } = await crowd(3);
    for (const each of leave) each.abort();
    await Promise.allSettled(answers);
    await expect.poll(() => upstream.aborted).toBe(1);
    expect(upstream.count).toBe(1);
    await underWay(0);
  });

  test('a follower that leaves disturbs nobody', async () => {
    const { answers, leave } = await crowd(3);
    leave[1]?.abort();
    await expect(answers[1]).rejects.toThrow(/abort/i);
    upstream.answer(0);
    expect(await outcomes([answers[0]!, answers[2]!])).toEqual(['200 miss', '200 hit']);
    expect(upstream.count).toBe(1);
  });

  test('a leader that leaves and then fails is followed by another', async () => {
    const { answers, leave } = await crowd(2);
    leave[0]?.abort();
    await expect(answers[0]).rejects.toThrow(/abort/i);
    upstream.answer(0, 500);
    await upstream.came(2);
    upstream.answer(1);
    expect(await outcomes([answers[1]!])).toEqual(['200 miss']);
  });

  test('a clear parts those who came before it from those who come after', async () => {
    const { answers } = await crowd(2);
    await node.fetch('/cache/clear', { method: 'DELETE' });
    const later = (await crowd(2, 2)).answers;
    await upstream.came(2);
    upstream.answer(0);
    expect(await outcomes(answers)).toEqual(['200 miss', '200 hit']);
    expect(await (await node.fetch('/cache/stats')).json()).toMatchObject({ entries: 0 });
    upstream.answer(1);
    expect(await outcomes(later)).toEqual(['200 miss', '200 hit']);
    expect((await later[1])?.text).toContain('answer 1');
    expect(await (await node.fetch('/cache/stats')).json()).toMatchObject({ entries: 1 });
  });
});

test('a node that stops ends leader and followers, and asks the upstream no second time', async () => {
  const { answers } = await crowd(3);
  const ended = Promise.allSettled(answers);
  await node.stop();
  await ended;
  expect(upstream.count).toBe(1);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KeyLimits } from '../../../node/auth/contract.ts';
import { handPolicy, keyHolder, limitFaults, namesAllowed, noLimits } from './accounting-doubles.ts';
import { startRig, type ForwardRig, type RigOptions } from './forward-rig.ts';
import { completion, handUpstream, sendJson, startHost, type HandHost } from './hand-upstream.ts';

let host: HandHost;
let rig: ForwardRig;

beforeEach(async () => {
  host = await startHost((_, response) => sendJson(response, 200, completion('well')));
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

async function runWith(limits: Partial<KeyLimits> = {}, more: RigOptions = {}): Promise<void> {
  const policy = handPolicy({
    limits: { ...noLimits, requestsPerMinute: 60, ...limits },
    allowsModel: namesAllowed('m*'),
  });
  rig = await startRig({ callers: { 'sk-limited': keyHolder(policy) }, ...more });
  rig.add('one', handUpstream(host.origin));
}

const limited = { headers: { authorization: 'Bearer sk-limited', 'content-type': 'application/json' } };
const ask = (more: Record<string, unknown> = {}, init: RequestInit = {}) => rig.chat(more, { ...limited, ...init });
const settled = () => rig.gate.knocks.map((knock) => knock.settled);

test('a key without limits never comes to the gate, and its answers tell of none', async () => {
  rig = await startRig({ callers: { 'sk-limited': keyHolder(handPolicy()) } });
  rig.add('one', handUpstream(host.origin));
  const response = await ask();
  await rig.chat();
  expect(rig.gate.knocks).toEqual([]);
  expect([...response.headers.keys()].filter((name) => name.includes('ratelimit'))).toEqual([]);
});

test('a request is let in once, with what it may use, and settles what it used', async () => {
  await runWith();
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(3500) }] });
  expect((await rig.post('/v1/chat/completions', undefined, { ...limited, body })).status).toBe(200);
  await expect.poll(settled).toEqual([[{ tokens: 2, costNano: 11 }]]);
  expect(rig.gate.knocks[0]?.tokensEstimated).toBe(Math.ceil(body.length / 3.5));
  expect(rig.gate.knocks[0]?.limits.id).toBe('k1');
});

test('an estimate is never more than a minute has, and that of images is bounded', async () => {
  await runWith({ tokensPerMinute: 50 });
  await ask({ padding: 'x'.repeat(10_000) });
  expect(rig.gate.knocks[0]?.tokensEstimated).toBe(50);
  await rig.stop();
  await runWith();
  await ask({ padding: 'x'.repeat(4_000_000) });
  expect(rig.gate.knocks[0]?.tokensEstimated).toBe(200_000);
});

test('the node’s own retries count once', async () => {
  await runWith({}, { retryAttempts: 2 });
  rig.add('two', handUpstream(host.origin));
  host.answer = (_, response) =>
    host.requests.length < 2 ? sendJson(response, 500, {}) : sendJson(response, 200, completion('well'));
  expect((await ask()).status).toBe(200);
  expect(host.requests).toHaveLength(2);
  await expect.poll(settled).toEqual([[{ tokens: 2, costNano: 11 }]]);
});

test('one that is refused, or that nobody serves, gives its tokens back', async () => {
  await runWith();
  host.answer = (_, response) => sendJson(response, 400, { error: { message: 'no' } });
  expect((await ask()).status).toBe(400);
  await expect.poll(settled).toEqual([[{ tokens: 0, costNano: 0 }]]);
});

test('one for a model that the key may not use, or that is malformed, takes nothing of its limits', async () => {
  await runWith();
  expect((await ask({ model: 'other' })).status).toBe(403);
  expect((await rig.post('/v1/chat/completions', undefined, { ...limited, body: '{' })).status).toBe(400);
  expect(rig.gate.knocks).toEqual([]);
});

test('an answer of the cache costs a request, and neither tokens nor money', async () => {
  await runWith({}, { isCaching: true });
  expect((await ask()).status).toBe(200);
  expect((await ask()).status).toBe(200);
  expect(host.requests).toHaveLength(1);
  await expect.poll(settled).toEqual([[{ tokens: 2, costNano: 11 }], [{ tokens: 0, costNano: 0 }]]);
});

test('those that wait for an identical request use none: the tokens are those of the one that asked', async () => {
  await runWith({}, { isCaching: true });
  const asked = Promise.withResolvers<() => void>();
  host.answer = (_, response) => asked.resolve(() => sendJson(response, 200, completion('well')));
  const answers = [ask(), ask(), ask()];
  const answer = await asked.promise;
  await expect.poll(() => rig.gate.knocks.length).toBe(3);
  answer();
  for (const each of answers) expect((await each).status).toBe(200);
  expect(host.requests).toHaveLength(1);
  await expect
    .poll(() =>
      settled()
        .map(([each]) => each?.tokens)
        .toSorted(),
    )
    .toEqual([0, 0, 2]);
});

test('counting tokens costs a request and no tokens', async () => {
  await runWith();
  const response = await rig.post(
    '/v1/messages/count_tokens',
    { model: 'm', messages: [{ role: 'user', content: 'hello' }] },
    limited,
  );
  expect(response.status).toBe(200);
  await expect.poll(settled).toEqual([[{ tokens: 0, costNano: 0 }]]);
  expect(rig.gate.knocks[0]?.tokensEstimated).toBe(0);
});

test('a client that leaves while others are asked takes its request back', async () => {
  await runWith();
  rig.gate.decidesLater = true;
  const leave = new AbortController();
  const answer = ask({}, { signal: leave.signal });
  await expect.poll(() => rig.gate.knocks.length).toBe(1);
  leave.abort();
  await expect(answer).rejects.toThrow(/abort/i);
  await expect.poll(() => rig.gate.knocks[0]?.isTakenBack).toBe(true);
  await expect.poll(() => rig.recorder.traces).toMatchObject([{ status: 499, attempts: 0 }]);
  expect([host.requests, settled()]).toEqual([[], [[]]]);
});

test('what is decided later goes on then, and the wait is told as such', async () => {
  await runWith();
  rig.gate.decidesLater = true;
  const answer = ask();
  await expect.poll(() => rig.gate.knocks.length).toBe(1);
  rig.gate.knocks[0]?.decide();
  expect((await answer).status).toBe(200);
  await expect.poll(settled).toEqual([[{ tokens: 2, costNano: 11 }]]);
  expect(rig.gate.knocks[0]?.isTakenBack).toBe(false);
});

test('a node that stops answers those that wait for their limits, and takes them back', async () => {
  await runWith();
  rig.gate.decidesLater = true;
  const answer = ask();
  await expect.poll(() => rig.gate.knocks.length).toBe(1);
  await rig.forward.stop();
  expect((await answer).status).toBe(503);
  expect(rig.gate.knocks[0]?.isTakenBack).toBe(true);
});

const spent = { requests: { limit: 60, remaining: 0, resetMs: 60_000 }, tokens: undefined };

test.each([
  ['/v1/chat/completions', { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } }],
  ['/v1/responses', { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } }],
  ['/v1/messages', { type: 'error', error: { type: 'rate_limit_error' } }],
  [
    '/v1beta/models/m:generateContent',
    { error: { code: 429, status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '7s' }] } },
  ],
])('a limit that is reached is told in the dialect of %s', async (path, shape) => {
  await runWith();
  rig.gate.refusal = limitFaults.rate_limited('too fast', { retryAfterMs: 6001 });
  rig.gate.shown = spent;
  const response = await rig.post(path, { model: 'm', messages: [], input: 'x', contents: [] }, limited);
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('7');
  expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('0');
  expect(await response.json()).toMatchObject(shape);
  await expect.poll(() => rig.recorder.traces).toMatchObject([{ status: 429, errorCode: 'rate_limited', attempts: 0 }]);
  expect(host.requests).toEqual([]);
});

test('a spent budget is OpenAI’s insufficient_quota, which keeps clients from trying again', async () => {
  await runWith();
  rig.gate.refusal = limitFaults.budget_spent('spent', { retryAfterMs: 7_200_000 });
  const response = await ask();
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7200']);
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect(await response.json()).toMatchObject({ error: { type: 'insufficient_quota', code: 'insufficient_quota' } });
  const responses = await rig.post('/v1/responses', { model: 'm', input: 'x' }, limited);
  expect(await responses.json()).toMatchObject({ error: { code: 'insufficient_quota' } });
});

test('every 429 says when to come back', async () => {
  await runWith();
  rig.gate.refusal = limitFaults.too_many_concurrent('busy');
  const response = await ask();
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
  expect(response.headers.get('x-should-retry')).toBeNull();
});

test('every answer of a limited key tells what is left, whole or streamed, and nothing of the account’s', async () => {
  await runWith();
  rig.gate.shown = {
    requests: { limit: 60, remaining: 59, resetMs: 1000 },
    tokens: { limit: 1000, remaining: -5.5, resetMs: 360_000 },
  };
  const own = (response: Response) =>
    Object.fromEntries([...response.headers].filter(([name]) => name.includes('ratelimit')));
  const told = {
    'x-ratelimit-limit-requests': '60',
    'x-ratelimit-remaining-requests': '59',
    'x-ratelimit-reset-requests': '1s',
    'x-ratelimit-limit-tokens': '1000',
    'x-ratelimit-remaining-tokens': '0',
    'x-ratelimit-reset-tokens': '6m0s',
  };
  host.answer = (_, response) => {
    response.setHeader('x-ratelimit-limit-requests', '10000');
    response.setHeader('anthropic-ratelimit-tokens-limit', '4000000');
    sendJson(response, 200, completion('well'));
  };
  expect(own(await ask())).toEqual(told);
  expect(own(await ask({ stream: true }))).toEqual(told);
  const anthropic = own(await rig.post('/v1/messages', { model: 'm', max_tokens: 5, messages: [] }, limited));
  expect(anthropic).toMatchObject({ ...told, 'anthropic-ratelimit-tokens-remaining': '0' });
});

test('upstreams’ own limits stay theirs on the transparent route too', async () => {
  await runWith({}, { transparent: ['openai-custom'] });
  host.answer = (_, response) => {
    response.setHeader('x-ratelimit-limit-requests', '10000');
    response.setHeader('ratelimit-policy', 'x');
    response.setHeader('anthropic-ratelimit-tokens-limit', '4000000');
    sendJson(response, 200, {});
  };
  const response = await rig.post('/openai-custom/v1/files', {});
  expect([...response.headers.keys()].filter((name) => name.includes('ratelimit'))).toEqual([]);
});

import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { handPolicy, keyHolder, noLimits } from './accounting-doubles.ts';
import { startRig, type ForwardRig, type RigOptions } from './forward-rig.ts';
import { claudeBeginning, claudeEnding } from './hand-claude.ts';
import { completion, handUpstream, sendEvents, sendJson, startHost, words, type HandHost } from './hand-upstream.ts';

let host: HandHost;
let rig: ForwardRig;

beforeEach(async () => {
  host = await startHost((_, response) => sendJson(response, 200, completion('well')));
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

async function run(more: RigOptions = {}): Promise<void> {
  rig = await startRig({ callers: { 'sk-k1': keyHolder(handPolicy()) }, ...more });
  rig.add('one', handUpstream(host.origin));
}

/** The only trace, once it is there. */
async function trace() {
  await expect.poll(() => rig.recorder.traces.length).toBe(1);
  return rig.recorder.traces[0]!;
}

const asKey = { headers: { authorization: 'Bearer sk-k1', 'content-type': 'application/json' } };
const message = { model: 'm', max_tokens: 50, messages: [{ role: 'user', content: 'How are you today?' }] };

test.each([
  ['/openai-custom/v1/chat/completions', { model: 'm' }, completion('well'), { promptTokens: 1, completionTokens: 1 }],
  [
    '/openai-custom/v1/messages',
    { model: 'm' },
    { type: 'message', usage: { input_tokens: 4, output_tokens: 9, cache_read_input_tokens: 1 } },
    { promptTokens: 4, completionTokens: 9, cacheReadTokens: 1 },
  ],
  [
    '/openai-custom/v1beta/models/m:generateContent',
    {},
    { candidates: [], usageMetadata: { promptTokenCount: 6, candidatesTokenCount: 2 } },
    { promptTokens: 6, completionTokens: 2 },
  ],
  [
    '/openai-custom/v1/responses',
    { model: 'm' },
    { usage: { input_tokens: 3, output_tokens: 5 } },
    { promptTokens: 3, completionTokens: 5 },
  ],
])('the transparent route: tokens and model of %s', async (path, body, answer, tokens) => {
  await run({ transparent: ['openai-custom'] });
  host.answer = (_, response) => sendJson(response, 200, answer);
  expect(await (await rig.post(path, body)).json()).toEqual(answer);
  expect(await trace()).toMatchObject({
    ...tokens,
    protocolIn: 'transparent',
    modelRequested: 'm',
    usageEstimated: false,
    currency: 'USD',
  });
});

test('the transparent route: tokens of a stream, which goes by as it is', async () => {
  await run({ transparent: ['openai-custom'] });
  const sent = claudeBeginning(words) + claudeEnding;
  host.answer = (_, response) => {
    sendEvents(response, sent);
    response.end();
  };
  const response = await rig.post('/openai-custom/v1/messages', { ...message, stream: true });
  expect(await response.text()).toBe(sent);
  expect(await trace()).toMatchObject({ promptTokens: 10, completionTokens: 7, protocolOut: 'anthropic' });
});

test('the transparent route: what cannot be read has no tokens, and an error neither', async () => {
  await run({ transparent: ['openai-custom'] });
  host.answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(gzipSync(JSON.stringify(completion('well'))));
  };
  await rig.post('/openai-custom/v1/chat/completions', { model: 'm' });
  expect(await trace()).toMatchObject({ status: 200, promptTokens: undefined, usageEstimated: false });
  host.answer = (_, response) => sendJson(response, 404, { error: 'none' });
  await rig.post('/openai-custom/v1/chat/completions', { model: 'm' });
  await expect.poll(() => rig.recorder.traces.length).toBe(2);
  expect(rig.recorder.traces[1]).toMatchObject({ status: 404, promptTokens: undefined, usageEstimated: false });
});

test('the transparent route: a limited key’s answers come uncompressed, where they can be read', async () => {
  const policy = handPolicy({ limits: { ...noLimits, dailyTokenBudget: 1000 } });
  await run({ transparent: ['openai-custom'], callers: { 'sk-k1': keyHolder(policy) } });
  await rig.post('/openai-custom/v1/chat/completions', { model: 'm' }, asKey);
  await rig.post('/openai-custom/v1/files', { model: 'm' }, asKey);
  await rig.post('/openai-custom/v1/chat/completions', { model: 'm' });
  expect(host.requests.map(({ acceptEncoding }) => acceptEncoding !== undefined)).toEqual([false, true, true]);
  await expect
    .poll(() => rig.gate.knocks.map(({ settled }) => settled))
    .toEqual([[{ tokens: 2, costNano: 11 }], [{ tokens: undefined, costNano: undefined }]]);
});

test.each([
  '/openai-custom/v1/chat/completions/',
  '/openai-custom/v1//chat//completions',
  '/openai-custom/v1/chat/complet%69ons',
  '/openai-custom/v1/chat%2Fcompletions',
  '/openai-custom/v1/Chat/Completions',
])('the transparent route: %s is counted like the path that it stands for', async (path) => {
  const policy = handPolicy({ limits: { ...noLimits, dailyCostBudget: 1000 } });
  await run({ transparent: ['openai-custom'], callers: { 'sk-k1': keyHolder(policy) } });
  await rig.post(path, { model: 'm' }, asKey);
  await expect.poll(() => rig.gate.knocks[0]?.settled).toEqual([{ tokens: 2, costNano: 11 }]);
  expect(host.requests[0]).toMatchObject({ path: path.slice('/openai-custom'.length), acceptEncoding: undefined });
});

test('the transparent route: a limited key may not hide its model in a compressed body', async () => {
  const policy = handPolicy({ limits: { ...noLimits, dailyCostBudget: 1000 } });
  await run({ transparent: ['openai-custom'], callers: { 'sk-k1': keyHolder(policy) } });
  const send = (headers: Record<string, string>) =>
    fetch(`${rig.url}/openai-custom/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', ...headers },
      body: gzipSync(JSON.stringify({ model: 'm' })),
    });
  expect((await send(asKey.headers)).status).toBe(415);
  expect(host.requests).toHaveLength(0);
  expect((await send({ authorization: 'Bearer sk-node' })).status).toBe(200);
});

import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../manual-clock.ts';
import { handPolicy, keyHolder } from './accounting-doubles.ts';
import { startRig, type ForwardRig, type RigOptions } from './forward-rig.ts';
import { claudeBeginning, claudeEnding, claudeEvent, handClaude } from './hand-claude.ts';
import {
  chunk,
  completion,
  handUpstream,
  sendEvents,
  sendJson,
  startHost,
  wordChunks,
  words,
  type HandHost,
} from './hand-upstream.ts';

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

async function runClaude(more: RigOptions = {}): Promise<void> {
  rig = await startRig(more);
  rig.add('c', handClaude(host.origin), 1, 'claude-custom');
}

const asKey = { headers: { authorization: 'Bearer sk-k1', 'content-type': 'application/json' } };
const message = { model: 'm', max_tokens: 50, messages: [{ role: 'user', content: 'How are you today?' }] };

/** The only trace, once it is there. */
async function trace() {
  await expect.poll(() => rig.recorder.traces.length).toBe(1);
  return rig.recorder.traces[0]!;
}

/** What is estimated of them lies between these. */
const fewest = 80;
const most = 250;

test('one trace for each request, with who, what, where, and how long', async () => {
  const clock = new ManualClock(1_700_000_000_000);
  await run({ clock });
  await rig.chat({}, { headers: { ...asKey.headers, 'x-request-id': 'client-1' } });
  const { requestId, ...rest } = await trace();
  expect(requestId).toMatch(/^req_/);
  expect(rest).toEqual({
    clientRequestId: 'client-1',
    user: 'u1',
    key: 'k1',
    node: 'node1',
    account: 'one',
    provider: 'openai-custom',
    modelRequested: 'm',
    modelServed: 'm',
    protocolIn: 'openai-chat',
    protocolOut: 'openai-chat',
    status: 200,
    errorCode: undefined,
    attempts: 1,
    cache: 'bypass',
    queueWaitMs: 0,
    ttftMs: undefined,
    durationMs: 0,
    promptTokens: 1,
    completionTokens: 1,
    cacheCreationTokens: undefined,
    cacheReadTokens: undefined,
    usageEstimated: false,
    costNano: 11,
    currency: 'USD',
    startedAtMs: 1_700_000_000_000,
  });
});

test('the cost is that of the provider which served', async () => {
  await run();
  await rig.chat({ model: 'own' });
  expect(await trace()).toMatchObject({ provider: 'openai-custom', costNano: 11 });
});

test('the id of an answer is the node’s own, and that of the client goes nowhere but into the trace', async () => {
  await run();
  const response = await rig.chat({}, { headers: { ...asKey.headers, 'x-request-id': 'client-1' } });
  expect(response.headers.get('x-request-id')).toBe((await trace()).requestId);
  expect(JSON.stringify(host.requests)).not.toContain('client-1');
});

test.each([['x'.repeat(129)], ['caf\u00e9'], ['tab\there']])('an id that is no id is dropped: %j', async (id) => {
  await run();
  await rig.chat({}, { headers: { ...asKey.headers, 'x-request-id': id } });
  expect((await trace()).clientRequestId).toBeUndefined();
});

test('the four kinds of tokens never overlap', async () => {
  await runClaude();
  host.answer = (_, response) => {
    sendEvents(response, claudeBeginning(['a']) + claudeEnding);
    response.end();
  };
  await (await rig.post('/v1/messages', { ...message, stream: true })).text();
  expect(await trace()).toMatchObject({
    promptTokens: 10,
    cacheReadTokens: 3,
    cacheCreationTokens: 2,
    completionTokens: 7,
    usageEstimated: false,
    costNano: 85,
    protocolOut: 'anthropic',
    provider: 'claude-custom',
  });
});

test('a translated answer has the same numbers, and says what the upstream spoke', async () => {
  await runClaude();
  host.answer = (_, response) => {
    sendEvents(response, claudeBeginning(['a']) + claudeEnding);
    response.end();
  };
  await (await rig.chat({ stream: true })).text();
  expect(await trace()).toMatchObject({
    promptTokens: 10,
    cacheReadTokens: 3,
    completionTokens: 7,
    usageEstimated: false,
    protocolIn: 'openai-chat',
    protocolOut: 'anthropic',
  });
});

test('nobody leaves a trace whom nobody knows', async () => {
  await run();
  await rig.chat({}, { headers: { authorization: 'Bearer wrong' } });
  await rig.chat({}, { headers: {} });
  await rig.chat();
  expect((await trace()).key).toBe('node');
});

test('a model that nobody has leaves one', async () => {
  rig = await startRig();
  rig.accounts.add({
    definition: { id: 'a', provider: 'oci', weight: 1, models: ['x'] },
    upstream: handUpstream(host.origin),
  });
  expect((await rig.chat()).status).toBe(404);
  expect(await trace()).toMatchObject({ status: 404, errorCode: 'unknown_model', modelRequested: 'm', attempts: 0 });
});

test('a failure that another account made good is no error, and its tokens are added', async () => {
  await runClaude({ retryAttempts: 1 });
  rig.add('d', handClaude(host.origin), 1, 'claude-custom');
  host.answer = (_, response) => {
    const isFirst = host.requests.length === 1;
    const error = claudeEvent('error', { error: { type: 'overloaded_error', message: 'busy' } });
    sendEvents(response, isFirst ? claudeBeginning([]) + error : claudeBeginning(['a']) + claudeEnding);
    response.end();
  };
  const response = await rig.post('/v1/messages', { ...message, stream: true });
  expect(await response.text()).toContain('message_stop');
  expect(await trace()).toMatchObject({
    status: 200,
    errorCode: undefined,
    attempts: 2,
    promptTokens: 20,
    cacheReadTokens: 6,
    cacheCreationTokens: 4,
    completionTokens: 7,
    usageEstimated: false,
  });
});

test.each([
  ['in its own protocol', '/v1/messages'],
  ['in another', '/v1/chat/completions'],
])('a client that leaves in mid-stream pays for what it got, %s', async (_how, path) => {
  await runClaude();
  host.answer = (_, response) => sendEvents(response, claudeBeginning(words));
  const leave = new AbortController();
  const response = await rig.post(path, { ...message, stream: true }, { ...asNode(), signal: leave.signal });
  await readUntil(response, 'word39');
  leave.abort();
  const left = await trace();
  expect(left).toMatchObject({ status: 499, promptTokens: 10, cacheReadTokens: 3, usageEstimated: true });
  expect(left.completionTokens).toBeGreaterThan(fewest);
  expect(left.completionTokens).toBeLessThan(most);
  expect(left.costNano).toBe(15 + 10 * (left.completionTokens ?? 0));
});

test('an upstream that breaks off in mid-stream: 200, with what became of it', async () => {
  await run();
  const begun = Promise.withResolvers<ServerResponse>();
  host.answer = (_, response) => {
    sendEvents(response, wordChunks);
    begun.resolve(response);
  };
  const answer = await rig.chat({ stream: true });
  const reading = readUntil(answer, '"error"');
  await expect.poll(() => rig.forward.active).toBe(1);
  (await begun.promise).destroy();
  await reading;
  const broken = await trace();
  expect(broken).toMatchObject({ status: 200, errorCode: 'upstream_connection_lost', usageEstimated: true });
  expect(broken.promptTokens).toBeGreaterThan(0);
  expect(broken.completionTokens).toBeGreaterThan(fewest);
  expect(broken.completionTokens).toBeLessThan(most);
});

test('a client that leaves before any answer pays for its prompt', async () => {
  await run();
  host.answer = () => undefined;
  const leave = new AbortController();
  const answer = rig.chat({}, { signal: leave.signal });
  await expect.poll(() => host.requests.length).toBe(1);
  leave.abort();
  await expect(answer).rejects.toThrow(/abort/i);
  expect(await trace()).toMatchObject({ status: 499, completionTokens: 0, usageEstimated: true });
});

test('an upstream that counts nothing is estimated, and marked: streamed', async () => {
  await run();
  host.answer = (_, response) => {
    sendEvents(response, `${wordChunks}${chunk({}, 'stop')}data: [DONE]\n\n`);
    response.end();
  };
  await (await rig.chat({ stream: true })).text();
  const streamed = await trace();
  expect(streamed).toMatchObject({ status: 200, errorCode: undefined, usageEstimated: true });
  expect(streamed.completionTokens).toBeGreaterThan(fewest);
  expect(streamed.completionTokens).toBeLessThan(most);
});

test.each([
  ['/v1/chat/completions', 'whole'],
  ['/v1/messages', 'whole and translated'],
])('an upstream that counts nothing is estimated: %s, %s', async (path) => {
  await run();
  host.answer = (_, response) => {
    const { usage: _usage, ...uncounted } = completion(words.join(''));
    sendJson(response, 200, uncounted);
  };
  await (await rig.post(path, message)).text();
  const whole = await trace();
  expect(whole.usageEstimated).toBe(true);
  expect(whole.promptTokens).toBeGreaterThan(5);
  expect(whole.promptTokens).toBeLessThan(60);
  expect(whole.completionTokens).toBeGreaterThan(fewest);
  expect(whole.completionTokens).toBeLessThan(most);
});

test('embeddings have a prompt alone', async () => {
  await run();
  host.answer = (_, response) =>
    sendJson(response, 200, { object: 'list', data: [], model: 'm', usage: { prompt_tokens: 8, total_tokens: 8 } });
  await rig.post('/v1/embeddings', { model: 'm', input: 'x' });
  expect(await trace()).toMatchObject({ promptTokens: 8, completionTokens: undefined, usageEstimated: false });
});

test('an answer too long to be held is counted by its end', async () => {
  await run();
  host.answer = (_, response) => {
    const { usage, ...rest } = completion('x'.repeat(5_000_000));
    sendJson(response, 200, { ...rest, usage: { ...usage, prompt_tokens: 77 } });
  };
  await (await rig.chat()).text();
  expect(await trace()).toMatchObject({ promptTokens: 77, completionTokens: 1, usageEstimated: false });
});

test('a hit of the cache used nothing', async () => {
  await run({ isCaching: true });
  await rig.chat({}, asKey);
  await rig.chat({}, asKey);
  await expect.poll(() => rig.recorder.traces.length).toBe(2);
  expect(rig.recorder.traces[1]).toMatchObject({
    cache: 'hit',
    status: 200,
    attempts: 0,
    account: undefined,
    promptTokens: undefined,
    completionTokens: undefined,
    costNano: undefined,
    modelRequested: 'm',
  });
});

test('a count of tokens is no use of them', async () => {
  await runClaude();
  host.answer = (_, response) => sendJson(response, 200, { input_tokens: 42 });
  await rig.post('/v1/messages/count_tokens', message);
  expect(await trace()).toMatchObject({
    status: 200,
    promptTokens: undefined,
    usageEstimated: false,
    costNano: undefined,
  });
});

test('a model without a price has no cost', async () => {
  await run();
  await rig.chat({ model: 'free-model' });
  expect(await trace()).toMatchObject({ promptTokens: 1, costNano: undefined, currency: undefined });
});

test('a wait for a place is told', async () => {
  const clock = new ManualClock();
  rig = await startRig({ clock });
  rig.accounts.add({
    definition: { id: 'narrow', provider: 'openai-custom', weight: 1, acceptsUnknownModels: true, maxConcurrency: 1 },
    upstream: handUpstream(host.origin),
  });
  const answers: ServerResponse[] = [];
  host.answer = (_, response) => answers.push(response);
  const both = [rig.chat(), rig.chat()];
  await expect.poll(() => answers.length + rig.forward.waiting).toBe(2);
  clock.advance(1500);
  sendJson(answers[0]!, 200, completion('well'));
  await expect.poll(() => answers.length).toBe(2);
  clock.advance(20);
  sendJson(answers[1]!, 200, completion('well'));
  await Promise.all(both);
  await expect.poll(() => rig.recorder.traces.map(({ queueWaitMs }) => queueWaitMs)).toEqual([0, 1500]);
  expect(rig.recorder.traces[1]).toMatchObject({ durationMs: 1520, ttftMs: 1520 });
});

function asNode() {
  return { headers: { authorization: 'Bearer sk-node', 'content-type': 'application/json' } };
}

async function readUntil(response: Response, text: string): Promise<void> {
  const decoder = new TextDecoder();
  let seen = '';
  for await (const piece of response.body!) {
    seen += decoder.decode(piece as Uint8Array, { stream: true });
    if (seen.includes(text)) return;
  }
}

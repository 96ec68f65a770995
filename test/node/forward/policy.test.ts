import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Principal } from '../../../node/auth/contract.ts';
import { authFaults } from '../../../node/auth/faults.ts';
import { handPolicy, keyHolder, namesAllowed, noLimits } from './accounting-doubles.ts';
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

/** A node where `sk-limited` is held by somebody with this policy, before one account that takes any model. */
async function runWith(policy: Parameters<typeof handPolicy>[0], more: RigOptions = {}): Promise<void> {
  rig = await startRig({
    callers: { 'sk-limited': keyHolder(handPolicy(policy)) },
    transparent: ['openai-custom', 'oci'],
    ...more,
  });
  rig.add('one', handUpstream(host.origin));
}

const limited = { headers: { authorization: 'Bearer sk-limited', 'content-type': 'application/json' } };

async function askFor(model: string, path = '/v1/chat/completions') {
  const response = await rig.post(path, { model, max_tokens: 5, messages: [{ role: 'user', content: 'x' }] }, limited);
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}

const codeOf = () => rig.recorder.traces.at(-1)?.errorCode;

test('a key is good from its networks alone; the answer names the address and not the networks', async () => {
  await runWith({ allowsAddress: (address) => address === '10.1.2.3' });
  const { status, body } = await askFor('m');
  expect(status).toBe(403);
  expect(JSON.stringify(body)).toContain('127.0.0.1');
  expect(JSON.stringify(body)).not.toContain('10.1.2.3');
  expect(codeOf()).toBe('address_not_allowed');
  expect(host.requests).toEqual([]);
});

test.each([
  ['a listed name', 'gpt-4o', 200],
  ['a listed beginning', 'claude-haiku', 200],
  ['another name', 'gpt-5', 403],
  ['a listed alias, whatever it stands for', 'fast', 200],
  ['an alias of a listed model, which is not listed itself', 'sly', 403],
  ['a listed name with the provider before it', 'openai-custom/gpt-4o', 200],
  ['another name with the provider before it', 'openai-custom/gpt-5', 403],
  ['an alias of a listed model with the provider before it', 'openai-custom/sly', 403],
  ['a name that holds a listed one', 'x/gpt-4o', 403],
  ['an empty name behind a provider', 'openai-custom/', 403],
])('a key that is limited to models: %s', async (_what, model, status) => {
  await runWith(
    { allowsModel: namesAllowed('gpt-4o', 'claude-*', 'fast') },
    { aliases: { fast: 'gpt-5-mini', sly: 'gpt-4o' } },
  );
  expect((await askFor(model)).status).toBe(status);
  expect(codeOf()).toBe(status === 200 ? undefined : 'model_not_allowed');
});

test('a refused model is named, in the dialect of the client', async () => {
  await runWith({ allowsModel: namesAllowed('gpt-4o') });
  expect((await askFor('gpt-5')).body).toEqual({
    error: {
      message: 'your key may not use the model "gpt-5"',
      type: 'permission_error',
      param: 'model',
      code: 'model_not_allowed',
    },
  });
  expect((await askFor('gpt-5', '/v1/messages')).body).toMatchObject({
    type: 'error',
    error: { type: 'permission_error' },
  });
  const gemini = await rig.post('/v1beta/models/gpt-5:generateContent', { contents: [] }, limited);
  expect(await gemini.json()).toMatchObject({ error: { code: 403, status: 'PERMISSION_DENIED' } });
});

test('a name that only looks like provider/model is not let in by its end', async () => {
  await runWith({ allowsModel: namesAllowed('gpt-4o') });
  rig.accounts.add({
    definition: { id: 'listing', provider: 'openai-custom', weight: 1, models: ['oci/gpt-4o'] },
    upstream: handUpstream(host.origin),
  });
  expect((await askFor('oci/gpt-4o')).status).toBe(403);
  expect(host.requests).toEqual([]);
});

test('of a model that nobody knows a limited key does not hear which others there are', async () => {
  rig = await startRig({ callers: { 'sk-limited': keyHolder(handPolicy()) } });
  rig.accounts.add({
    definition: { id: 'one', provider: 'openai-custom', weight: 1, models: ['gpt-4o'] },
    upstream: handUpstream(host.origin),
  });
  const { status, body } = await askFor('gpt-4');
  expect(status).toBe(404);
  expect(JSON.stringify(body)).not.toContain('gpt-4o');
});

test('a key is served by its own accounts alone', async () => {
  await runWith({ scope: { key: 'k1@1', accounts: new Set(['two']), providers: undefined, strategy: undefined } });
  expect((await askFor('m')).status).toBe(403);
  expect(codeOf()).toBe('out_of_scope');
  rig.add('two', handUpstream(host.origin));
  for (let turn = 0; turn < 3; turn++) expect((await askFor('m')).status).toBe(200);
  expect(rig.recorder.traces.slice(1).map(({ account }) => account)).toEqual(['two', 'two', 'two']);
  expect((await rig.chat()).status).toBe(200);
});

test('a key has a strategy of its own', async () => {
  await runWith({ scope: { key: 'k1@1', accounts: undefined, providers: undefined, strategy: 'ip_hash' } });
  rig.add('two', handUpstream(host.origin));
  for (let turn = 0; turn < 6; turn++) await askFor('m');
  expect(new Set(rig.recorder.traces.map(({ account }) => account)).size).toBe(1);
});

test('a key that is limited to providers may not name another one, nor take its transparent route', async () => {
  const providers = new Set(['oci']);
  await runWith({ providers, scope: { key: 'k1@1', accounts: undefined, providers, strategy: undefined } });
  expect((await askFor('openai-custom/m')).status).toBe(403);
  expect(codeOf()).toBe('provider_not_allowed');
  const transparent = await rig.post('/openai-custom/v1/files', {}, limited);
  expect(transparent.status).toBe(403);
  expect(codeOf()).toBe('provider_not_allowed');
  expect((await askFor('m')).status).toBe(403);
  expect(host.requests).toEqual([]);
});

test('the transparent route goes to the accounts of the key', async () => {
  await runWith({ scope: { key: 'k1@1', accounts: new Set(['two']), providers: undefined, strategy: undefined } });
  expect((await rig.post('/openai-custom/v1/files', {}, limited)).status).toBe(403);
  rig.add('two', handUpstream(host.origin));
  for (let turn = 0; turn < 3; turn++) await rig.post('/openai-custom/v1/files', {}, limited);
  expect(rig.recorder.traces.slice(1).map(({ account }) => account)).toEqual(['two', 'two', 'two']);
});

test('a key that is limited to models has no transparent route', async () => {
  await runWith({ allowsModel: namesAllowed('gpt-4o') });
  const response = await rig.post('/openai-custom/v1/chat/completions', { model: 'gpt-4o' }, limited);
  expect(response.status).toBe(403);
  expect(await response.text()).toContain('limited to models');
});

test('a key that lists every model has one', async () => {
  await runWith({ allowsModel: namesAllowed('*') });
  expect((await rig.post('/openai-custom/v1/chat/completions', { model: 'x' }, limited)).status).toBe(200);
});

test('a credential that cannot be judged at once is learnt in one wait, and its body waits meanwhile', async () => {
  const learnt = Promise.withResolvers<void>();
  let known: Principal | undefined;
  let learnings = 0;
  rig = await startRig({
    verifier: {
      verify: () => known,
      learn() {
        learnings++;
        return learnt.promise;
      },
    },
  });
  rig.add('one', handUpstream(host.origin));
  const answer = rig.chat();
  await expect.poll(() => learnings).toBeGreaterThan(0);
  const before = learnings;
  known = keyHolder(undefined);
  learnt.resolve();
  expect((await answer).status).toBe(200);
  expect(learnings).toBe(before);
});

test('one that is no good after all is refused, in the dialect, and leaves no trace', async () => {
  rig = await startRig({ verifier: { verify: () => undefined, learn: () => Promise.resolve() } });
  const answer = await rig.post('/v1/messages', { model: 'm' });
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
  expect(rig.recorder.traces).toEqual([]);
  expect(authFaults.bad_credential('x').status).toBe(401);
});

test('nothing is done for a client that leaves while its credential is learnt', async () => {
  const learnt = Promise.withResolvers<void>();
  let isAsked = false;
  rig = await startRig({
    verifier: {
      verify: () => (isAsked ? keyHolder(undefined) : undefined),
      learn() {
        isAsked = true;
        return learnt.promise;
      },
    },
  });
  rig.add('one', handUpstream(host.origin));
  const leave = new AbortController();
  const answer = rig.chat({}, { signal: leave.signal });
  await expect.poll(() => isAsked).toBe(true);
  leave.abort();
  await expect(answer).rejects.toThrow(/abort/i);
  await expect.poll(() => rig.forward.active).toBe(0);
  learnt.resolve();
  await learnt.promise;
  await new Promise((turn) => setImmediate(turn));
  expect([host.requests, rig.recorder.traces]).toEqual([[], []]);
});

test('a known caller without the permission leaves a trace of its refusal', async () => {
  rig = await startRig({ callers: { 'sk-limited': keyHolder(undefined, ['stats:read']) } });
  expect((await askFor('m')).status).toBe(403);
  expect(rig.recorder.traces).toMatchObject([{ key: 'k1', status: 403, errorCode: 'permission_denied' }]);
});

test('a provider has its own places for keys, and what stands in them goes nowhere', async () => {
  rig = await startRig({
    transparent: ['openai-custom'],
    keyPlaces: new Map([['openai-custom', { headers: ['prefer', 'x-my-key'], query: ['Auth'] }]]),
  });
  rig.add('one', handUpstream(host.origin));
  const ask = (path: string, headers: Record<string, string>) => fetch(`${rig.url}${path}`, { headers });
  expect((await ask('/openai-custom/v1/files', { prefer: 'sk-node' })).status).toBe(200);
  expect((await ask('/openai-custom/v1/files', { 'x-my-key': 'sk-node', prefer: 'minimal' })).status).toBe(200);
  expect((await ask('/openai-custom/v1/files?Auth=sk-node&limit=5', {})).status).toBe(200);
  expect((await ask('/openai-custom/v1/files', { authorization: 'Bearer sk-node' })).status).toBe(401);
  expect(JSON.stringify(host.requests)).not.toContain('sk-node');
  expect(host.requests.map(({ path }) => path)).toEqual(['/v1/files', '/v1/files', '/v1/files?limit=5']);
  expect(host.requests.map(({ prefer }) => prefer)).toEqual([undefined, undefined, undefined]);
});

const otherModels: [string, string, number][] = [
  ['in other letters', '{"model":"gpt-4o","Model":"gpt-5"}', 400],
  ['in capitals', '{"MODEL" : "gpt-5","model":"gpt-4o"}', 400],
  ['in letters that are escaped', String.raw`{"model":"gpt-4o","\u004dod\u0045l":"gpt-5"}`, 400],
  ['in a list', '{"model":"gpt-4o","models":["gpt-4o","gpt-5"]}', 403],
  ['in what should be a list', '{"model":"gpt-4o","models":"gpt-5"}', 400],
  ['that it may use, in a list', '{"model":"gpt-4o","models":["gpt-4o"]}', 200],
  ['deeper down, where no upstream looks', '{"model":"gpt-4o","tools":[{"Model":"gpt-5","models":["x"]}]}', 200],
  ['in a text', String.raw`{"model":"gpt-4o","user":"{\"Model\":\"gpt-5\"}"}`, 200],
];

test.each(otherModels)('a key that is limited to models may not name another one %s', async (_where, body, status) => {
  await runWith({ allowsModel: namesAllowed('gpt-4o') });
  const response = await fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', ...limited, body });
  expect(response.status).toBe(status);
  expect(host.requests).toHaveLength(status === 200 ? 1 : 0);
});

test('nor may a key with a budget of cost, which goes by the model; any other key may', async () => {
  const body = '{"model":"gpt-4o","Model":"gpt-5"}';
  await runWith({ limits: { ...noLimits, monthlyCostBudget: 1000 } });
  const send = (init: RequestInit) => fetch(`${rig.url}/v1/chat/completions`, { method: 'POST', ...init, body });
  expect((await send(limited)).status).toBe(400);
  expect((await send({ headers: { authorization: 'Bearer sk-node' } })).status).toBe(200);
  const path = `${rig.url}/openai-custom/v1/chat/completions`;
  expect((await fetch(path, { method: 'POST', ...limited, body })).status).toBe(400);
});

test.each([
  ['/v1/responses', '{"model":"m","input":"x","background":true}', 400],
  ['/openai-custom/v1/responses', String.raw`{"model":"m","input":"x","b\u0061ckground":true}`, 400],
  ['/openai-custom/v1/responses', '{"model":"m","input":"x","background":true}', 400],
  ['/openai-custom/v1/responses', '{"model":"m","input":"x","background":false}', 200],
  ['/openai-custom/v1/files', '{"background":true}', 200],
])('a key with limits waits for its answers, which are counted: %s %s', async (path, body, status) => {
  await runWith({ limits: { ...noLimits, dailyTokenBudget: 1000 } });
  expect((await fetch(rig.url + path, { method: 'POST', ...limited, body })).status).toBe(status);
  expect(host.requests).toHaveLength(status === 200 ? 1 : 0);
});

test('any other key need not', async () => {
  await runWith({});
  const body = '{"model":"m","input":"x","background":true}';
  const path = `${rig.url}/openai-custom/v1/responses`;
  expect((await fetch(path, { method: 'POST', ...limited, body })).status).toBe(200);
});

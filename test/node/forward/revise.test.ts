import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import type { Fault } from '../../../kit/fault.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import { providerFaults } from '../../../node/providers/faults.ts';
import type { TokenSource, Upstream, UpstreamRequest } from '../../../node/providers/contract.ts';
import { ManualClock } from '../../manual-clock.ts';
import { startRig, type ForwardRig } from './forward-rig.ts';
import { completion, handUpstream, sendJson, startHost, type HandHost } from './hand-upstream.ts';

let host: HandHost;
let rig: ForwardRig;
let revisions: Fault[] = [];

beforeEach(async () => {
  revisions = [];
  host = await startHost(({ path }, response) => {
    if (path.includes('other')) sendJson(response, 200, completion('well'));
    else sendJson(response, 500, { error: { message: 'not this way' } });
  });
  rig = await startRig();
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

type Revise = NonNullable<Upstream['revise']>;

/** An account whose upstream finds another way. */
function add(revise: Revise, own: Partial<Upstream> = {}, id = 'one', weight = 1): void {
  const noting: Revise = (request, fault) => {
    revisions.push(fault);
    return revise(request, fault);
  };
  rig.add(id, handUpstream(host.origin, { revise: noting, ...own }), weight);
}

const otherPath = (request: UpstreamRequest) => ({ ...request, path: '/other' });

function errorsOf(id: string): number | undefined {
  return rig.accounts.get(id)?.standings.whole.breaker.errorCount;
}

async function untilIdle(): Promise<void> {
  while (rig.forward.active > 0) await new Promise((turn) => setImmediate(turn));
}

test('the same account is asked in the other way, and nothing is held against it', async () => {
  add(otherPath);
  const answer = await rig.chat();
  expect([answer.status, answer.headers.get('x-aiproxy-attempts')]).toEqual([200, '2']);
  expect(host.requests.map(({ path }) => path)).toEqual(['/v1/chat/completions', '/other']);
  expect(revisions).toMatchObject([{ source: 'upstream', upstreamStatus: 500 }]);
  const account = rig.accounts.get('one');
  expect([errorsOf('one'), account?.requestCount, account?.successCount, account?.inFlight]).toEqual([0, 1, 1, 0]);
});

test('a field that was refused is left out', async () => {
  host.answer = ({ body }, response) => {
    const isRefused = body.includes('"seed"');
    sendJson(response, isRefused ? 400 : 200, isRefused ? { error: { message: 'seed?' } } : completion('well'));
  };
  add((request, fault) => {
    if (fault.source !== 'client') return undefined;
    const { seed: _, ...rest } = JSON.parse(String(request.body)) as Record<string, unknown>;
    return { ...request, body: JSON.stringify(rest) };
  });
  expect((await rig.chat({ seed: 7 })).status).toBe(200);
  expect(host.requests.map(({ body }) => body.includes('"seed"'))).toEqual([true, false]);
});

test('what is looked up first may lead to another host, and the request is authorised anew', async () => {
  const second = await startHost((_, response) => sendJson(response, 200, completion('well')));
  let count = 0;
  const authorise = (request: UpstreamRequest) => {
    count++;
    return Promise.resolve({ ...request, headers: [...request.headers, 'authorization', `Bearer ${count}`] });
  };
  add(async (request) => ({ ...request, origin: second.origin }), { authorise });
  const answer = await rig.chat();
  expect([answer.status, answer.headers.get('x-aiproxy-attempts')]).toEqual([200, '2']);
  expect(host.requests.map(({ authorization }) => authorization)).toEqual(['Bearer 1']);
  expect(second.requests.map(({ authorization }) => authorization)).toEqual(['Bearer 2']);
  await second.close();
});

test('once an attempt: the second failure counts, and is not revised', async () => {
  add((request) => request);
  expect((await rig.chat()).status).toBe(502);
  expect([host.requests.length, revisions.length, errorsOf('one')]).toEqual([2, 1, 1]);
});

test('the next account has its own attempt, and with it another revision', async () => {
  await rig.stop();
  rig = await startRig({ retryAttempts: 1 });
  for (const id of ['one', 'two']) add((request) => request, {}, id);
  const answer = await rig.chat();
  expect([answer.status, answer.headers.get('x-aiproxy-attempts')]).toEqual([502, '4']);
  expect([errorsOf('one'), errorsOf('two')]).toEqual([1, 1]);
});

test.each([
  ['there is none', () => undefined],
  ['there is none after a look-up', () => Promise.resolve(undefined)],
  [
    'the look-up fails',
    () => Promise.reject(providerFaults.provider_unavailable('the look-up failed', { field: 'provider' })),
  ],
  [
    'the look-up has a defect',
    () => {
      throw new TypeError('a defect');
    },
  ],
] satisfies [string, Revise][])('the failure stands where %s', async (_, revise) => {
  add(revise);
  const answer = await rig.chat();
  expect([answer.status, answer.headers.get('x-aiproxy-attempts')]).toEqual([502, '1']);
  expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining('not this way') } });
  expect([host.requests.length, errorsOf('one'), rig.accounts.get('one')?.inFlight]).toEqual([1, 1, 0]);
});

test('no more of it than the retry budget allows', async () => {
  await rig.stop();
  rig = await startRig({ mayRetry: () => false });
  add(otherPath);
  expect((await rig.chat()).status).toBe(502);
  expect(host.requests).toHaveLength(1);
});

test('a client that leaves during the look-up is forgotten: nothing more is sent, and nothing is held', async () => {
  const asked = Promise.withResolvers<void>();
  const found = Promise.withResolvers<UpstreamRequest | undefined>();
  add((request) => {
    asked.resolve();
    return found.promise.then(() => otherPath(request));
  });
  const leaving = new AbortController();
  rig.chat({}, { signal: leaving.signal }).catch(() => undefined);
  await asked.promise;
  leaving.abort();
  await untilIdle();
  expect([rig.forward.inFlight, rig.accounts.get('one')?.inFlight]).toEqual([0, 0]);
  found.resolve(undefined);
  await found.promise;
  expect((await rig.chat({ model: 'other' })).status).toBe(200);
  expect(host.requests.map(({ path }) => path)).toEqual(['/v1/chat/completions', '/v1/chat/completions', '/other']);
});

test('a node that stops during the look-up tells the client', async () => {
  const asked = Promise.withResolvers<void>();
  add(() => {
    asked.resolve();
    return new Promise(() => undefined);
  });
  const answer = rig.chat();
  await asked.promise;
  await rig.forward.stop();
  expect((await answer).status).toBe(503);
  expect(await (await answer).text()).toContain('stopping');
  expect(host.requests).toHaveLength(1);
});

test('a refused token is refreshed as elsewhere, unless there is another way', async () => {
  const refusals: string[] = [];
  const token: TokenSource = {
    isUsable: true,
    current: () => 'access',
    extra: () => undefined,
    refused(accessToken) {
      refusals.push(accessToken);
      return Promise.resolve(false);
    },
  };
  const readFault = () => protocolFaults.upstream_token_refused('the token has ended');
  let hasOtherWay = true;
  add((request) => (hasOtherWay ? otherPath(request) : undefined), { token, readFault });
  expect([(await rig.chat()).status, refusals]).toEqual([200, []]);
  hasOtherWay = false;
  expect([(await rig.chat()).status, refusals]).toEqual([502, ['access']]);
});

test('nothing is revised once the client has seen the beginning of an answer', async () => {
  const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' };
  const delta = { ...chunk, choices: [{ index: 0, delta: { role: 'assistant', content: 'be' }, finish_reason: null }] };
  const seen = Promise.withResolvers<void>();
  host.answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(delta)}\n\n`);
    const failure = { error: { message: 'broke off' } };
    void seen.promise.then(() => response.end(`data: ${JSON.stringify(failure)}\n\n`));
  };
  add(otherPath);
  const answer = await rig.chat({ stream: true });
  seen.resolve();
  expect(await answer.text()).toContain('broke off');
  expect([revisions.length, host.requests.length]).toEqual([0, 1]);
  expect(rig.accounts.get('one')?.breakerState(systemClock.nowMs())).toBe('closed');
});

test('an error inside a stream that has shown nothing yet is revised', async () => {
  host.answer = ({ path }, response) => {
    if (path === '/other') return sendJson(response, 200, completion('well'));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify({ error: { message: 'not this way' } })}\n\n`);
  };
  add(otherPath);
  const answer = await rig.chat({ stream: true });
  expect([answer.status, answer.headers.get('x-aiproxy-attempts')]).toEqual([200, '2']);
  expect(await answer.text()).toContain('well');
});

test('nothing of the failed answer is shown while another way is looked up, however long that takes', async () => {
  await rig.stop();
  const clock = new ManualClock();
  rig = await startRig({ clock });
  const chunk = { id: 'failed', object: 'chat.completion.chunk', created: 1, model: 'm' };
  const opening = { ...chunk, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] };
  host.answer = ({ path }, response) => {
    if (path === '/other') return sendJson(response, 200, completion('well'));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify(opening)}\n\ndata: ${JSON.stringify({ error: { message: 'not now' } })}\n\n`);
  };
  const asked = Promise.withResolvers<void>();
  const found = Promise.withResolvers<void>();
  add((request) => {
    asked.resolve();
    return found.promise.then(() => otherPath(request));
  });
  const answer = rig.chat({ stream: true });
  await asked.promise;
  clock.advance(14_000);
  found.resolve();
  const text = await (await answer).text();
  expect(text).not.toContain('failed');
  expect(text).toContain('well');
});

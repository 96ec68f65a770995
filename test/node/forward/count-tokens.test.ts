import { afterEach, beforeEach, expect, test } from 'vitest';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import type { Upstream } from '../../../node/providers/contract.ts';
import { startRig, type ForwardRig } from './forward-rig.ts';
import { handUpstream, sendJson, startHost, type HandHost } from './hand-upstream.ts';

let host: HandHost;
let rig: ForwardRig;

beforeEach(async () => {
  host = await startHost((_, response) => sendJson(response, 200, { counted: 1234 }));
  rig = await startRig({ retryAttempts: 1 });
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

function add(id = 'one', path = '/count', own: Partial<Upstream> = {}): void {
  rig.add(
    id,
    handUpstream(host.origin, {
      upstreamModel: (model) => `${model}-there`,
      countTokens: ({ model, messages }) => ({
        request: { method: 'POST', path, headers: [], body: JSON.stringify({ model, count: messages.length }) },
        parse: (body) => (JSON.parse(body.toString()) as { counted?: number }).counted,
      }),
      ...own,
    }),
  );
}

const ask = () =>
  rig.post('/v1/messages/count_tokens', { model: 'm', messages: [{ role: 'user', content: 'how long is this' }] });

test("an upstream of another protocol counts for Anthropic's clients", async () => {
  add();
  const answer = await ask();
  expect([await answer.json(), answer.headers.get('x-aiproxy-usage')]).toEqual([{ input_tokens: 1234 }, null]);
  expect(answer.headers.get('x-aiproxy-account')).toBe('one');
  expect(host.requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ model: 'm-there', count: 1 }]);
  const account = rig.accounts.get('one');
  expect([account?.requestCount, account?.inFlight, rig.forward.inFlight]).toEqual([1, 0, 0]);
});

test("and for Gemini's", async () => {
  add();
  const answer = await rig.post('/v1beta/models/m:countTokens', {
    contents: [{ role: 'user', parts: [{ text: 'how long is this' }] }],
  });
  expect(await answer.json()).toEqual({ totalTokens: 1234 });
});

test('an account that cannot count is left alone', async () => {
  rig.add('cannot', handUpstream(host.origin));
  add('can');
  for (let turn = 0; turn < 4; turn++) expect((await ask()).headers.get('x-aiproxy-account')).toBe('can');
});

test('another account counts where one fails, and the breaker hears nothing of it', async () => {
  host.answer = ({ path }, response) => {
    if (path === '/fails') sendJson(response, 500, { error: { message: 'no' } });
    else sendJson(response, 200, { counted: 7 });
  };
  add('fails', '/fails');
  add('works');
  for (let turn = 0; turn < 12; turn++) expect(await (await ask()).json()).toEqual({ input_tokens: 7 });
  expect(host.requests.some(({ path }) => path === '/fails')).toBe(true);
  expect(rig.accounts.get('fails')?.standings.whole.breaker.errorCount).toBe(0);
});

test.each([
  ['fails', 500, { error: { message: 'no' } }],
  ['tells no count', 200, {}],
])('where the only one %s, the count is a marked estimate', async (_, status, body) => {
  host.answer = (_request, response) => sendJson(response, status, body);
  add();
  const answer = await ask();
  expect([answer.status, answer.headers.get('x-aiproxy-usage')]).toEqual([200, 'estimated']);
  expect(((await answer.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(2);
});

test('what the provider cannot carry is the client’s to mend', async () => {
  add('one', '/count', {
    countTokens() {
      throw protocolFaults.invalid_request('messages[0]: not this', { field: 'messages[0]' });
    },
  });
  expect((await ask()).status).toBe(400);
  expect(host.requests).toEqual([]);
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ServerResponse } from 'node:http';
import type { TokenSource } from '../../../../node/providers/contract.ts';
import { qwenProvider } from '../../../../node/providers/qwen-api/index.ts';
import { providerEnvironment } from '../../../suites/provider-environment.ts';
import { startRig, type ForwardRig } from '../../forward/forward-rig.ts';
import { completion, sendJson, startHost, type HandHost } from '../../forward/hand-upstream.ts';

/** A login whose service gives another token for each that is refused. */
class RenewedToken implements TokenSource {
  readonly isUsable = true;
  number = 1;

  current(): string {
    return `at-${this.number}`;
  }

  extra(): undefined {
    return undefined;
  }

  refused(accessToken: string): Promise<boolean> {
    if (accessToken === this.current()) this.number++;
    return Promise.resolve(true);
  }
}

let host: HandHost;
let rig: ForwardRig;

beforeEach(async () => {
  host = await startHost(() => undefined);
  rig = await startRig({ transparent: ['qwen-api'] });
  const token = new RenewedToken();
  const credential = qwenProvider.credential.parse({ refresh_token: 'rt', base_url: `${host.origin}/v1` });
  const account = { id: 'one', provider: 'qwen-api' as const, ...credential };
  rig.accounts.add({
    definition: { id: 'one', provider: 'qwen-api', acceptsUnknownModels: true },
    upstream: qwenProvider.open(account, providerEnvironment({ token })),
  });
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

const refusal = { error: { code: 'invalid_api_key', message: 'invalid access token or token expired' } };
const one = () => rig.accounts.get('one');

test('the old token of many requests at once is refused one by one: nothing is said of the new one', async () => {
  const held: ServerResponse[] = [];
  let heard = Promise.withResolvers<void>();
  const next = async (count: number) => {
    while (held.length < count) await heard.promise;
  };
  host.answer = (_, response) => {
    held.push(response);
    heard.resolve();
    heard = Promise.withResolvers<void>();
  };
  const asked = ['a', 'b'].map((content) => rig.chat({ messages: [{ role: 'user', content }] }));
  await next(2);
  sendJson(held[0]!, 401, refusal);
  await next(3);
  sendJson(held[1]!, 401, refusal);
  await next(4);
  for (const response of held.slice(2)) sendJson(response, 200, completion('well'));
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200]);
  expect(host.requests.map(({ authorization }) => authorization)).toEqual([
    ...['Bearer at-1', 'Bearer at-1'],
    ...['Bearer at-2', 'Bearer at-2'],
  ]);
  expect([one()?.enabled, one()?.disabledReason]).toEqual([true, undefined]);
});

test('a login whose every token is refused ends the matter with the second one', async () => {
  host.answer = (_, response) => sendJson(response, 401, refusal);
  expect((await rig.chat()).status).toBe(502);
  expect([one()?.enabled, one()?.disabledReason]).toEqual([false, expect.stringContaining('free tier ended')]);
  expect(host.requests.map(({ authorization }) => authorization)).toEqual(['Bearer at-1', 'Bearer at-2']);
});

test('the same on the transparent route', async () => {
  host.answer = (_, response) => sendJson(response, 401, refusal);
  await rig.post('/qwen-api/v1/chat/completions', {});
  expect([one()?.enabled, host.requests.length]).toEqual([false, 2]);
});

test.each([
  ['a gateway', '<html>Forbidden</html>'],
  [
    'a model that is not open to the account',
    { error: { code: 'Model.AccessDenied', message: 'Model access denied.' } },
  ],
])('a 403 that does not speak of the token is not held against it: %s', async (_, body) => {
  host.answer = (_request, response) => {
    response.writeHead(403);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const { status } = await rig.chat();
  for (let time = 0; time < 2; time++) expect((await rig.post('/qwen-api/v1/other', {})).status).toBe(403);
  expect(status).toBe(502);
  expect(one()?.enabled).toBe(true);
  expect(new Set(host.requests.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer at-1']));
});

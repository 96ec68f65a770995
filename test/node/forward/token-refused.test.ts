import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import type { TokenSource, Upstream, UpstreamRequest } from '../../../node/providers/contract.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import { start, type Upstream as Vendor } from '../../upstream/upstream.ts';
import { startRig, type ForwardRig } from './forward-rig.ts';
import { handUpstream, sendJson, startHost } from './hand-upstream.ts';

/** A token that a test holds: what comes after a refusal, and when, is said by it. */
class HandToken implements TokenSource {
  access: string | undefined;
  isUsable = true;
  isYoung = false;
  readonly refusals: string[] = [];
  renew: (isRenewed: boolean) => void = () => undefined;
  readonly #refusal = Promise.withResolvers<void>();
  readonly wasRefused = this.#refusal.promise;

  constructor(access: string) {
    this.access = access;
  }

  current(): string | undefined {
    return this.access;
  }

  extra(): undefined {
    return undefined;
  }

  refused(accessToken: string): Promise<boolean> | undefined {
    this.refusals.push(accessToken);
    this.#refusal.resolve();
    if (this.isYoung) return undefined;
    this.isUsable = false;
    return new Promise((done) => (this.renew = done));
  }
}

const good = new Set<string>();
let vendor: Vendor;
let rig: ForwardRig;

beforeEach(async () => {
  good.clear();
  vendor = await start({ acceptsKey: (key) => good.has(key) });
  rig = await startRig({ transparent: ['openai-custom'] });
});

afterEach(async () => {
  await rig.stop();
  await vendor.close();
});

function addAccount(id: string, access: string, weight: number): HandToken {
  const token = new HandToken(access);
  rig.add(id, withToken(token), weight);
  return token;
}

/** An upstream whose bearer token changes, and which reads a refusal of it as the end of that token. */
function withToken(token: HandToken, refusal = 401): Upstream {
  const plain = handUpstream(new URL(vendor.openaiBaseUrl).origin);
  return {
    ...plain,
    token,
    authorise: (request: UpstreamRequest) => ({
      ...request,
      headers: [...request.headers, 'authorization', `Bearer ${token.current() ?? ''}`],
    }),
    readFault: (...answer) =>
      answer[0] === refusal
        ? protocolFaults.upstream_token_refused('the token has ended', { upstreamStatus: refusal })
        : plain.readFault(...answer),
  };
}

test('another account answers at once while the token is refreshed, without any retry being allowed', async () => {
  good.add('good');
  const ended = addAccount('ended', 'old', 1000);
  addAccount('other', 'good', 1);
  const response = await rig.chat();
  expect([response.status, response.headers.get('x-aiproxy-account')]).toEqual([200, 'other']);
  expect(ended.refusals).toEqual(['old']);
  expect(rig.accounts.get('ended')?.breakerState(systemClock.nowMs())).toBe('closed');
  // Out of the choice until it has another one.
  expect((await rig.chat()).headers.get('x-aiproxy-attempts')).toBe('1');
});

test('the only account is waited for and asked again with the new token', async () => {
  const token = addAccount('only', 'old', 1);
  const answer = rig.chat();
  await token.wasRefused;
  good.add('new');
  Object.assign(token, { access: 'new', isUsable: true });
  token.renew(true);
  const response = await answer;
  expect([response.status, response.headers.get('x-aiproxy-attempts')]).toEqual([200, '2']);
  expect(vendor.requests.map(({ key }) => key)).toEqual(['old', 'new']);
});

test('a new token that is refused as well is the failure of the account, and is not refreshed again', async () => {
  const token = addAccount('only', 'old', 1);
  const answer = rig.chat();
  await token.wasRefused;
  Object.assign(token, { access: 'new', isUsable: true });
  token.renew(true);
  expect((await answer).status).toBe(502);
  expect([token.refusals, vendor.requests.length]).toEqual([['old'], 2]);
  expect(rig.accounts.get('only')?.standings.whole.breaker.errorCount).toBe(1);
});

test('a token that has only just come is not refreshed, and the refusal counts against the account', async () => {
  const token = addAccount('only', 'old', 1);
  token.isYoung = true;
  expect((await rig.chat()).status).toBe(502);
  expect(rig.accounts.get('only')?.standings.whole.breaker.errorCount).toBe(1);
});

test('without another token the client hears of it, and nothing of the account is held', async () => {
  const token = addAccount('only', 'old', 1);
  const answer = rig.chat();
  await token.wasRefused;
  token.renew(false);
  expect((await answer).status).toBe(502);
  expect([rig.forward.inFlight, rig.accounts.get('only')?.inFlight]).toEqual([0, 0]);
});

test('a client that leaves while it waits is forgotten: its request is not sent when the token comes', async () => {
  const token = addAccount('only', 'old', 1);
  const leaving = new AbortController();
  const answer = rig.chat({}, { signal: leaving.signal });
  answer.catch(() => undefined);
  await token.wasRefused;
  leaving.abort();
  while (rig.forward.active > 0) await new Promise((turn) => setImmediate(turn));
  Object.assign(token, { access: 'new', isUsable: true });
  good.add('new');
  token.renew(true);
  expect((await rig.chat()).status).toBe(200);
  expect(vendor.requests.map(({ key }) => key)).toEqual(['old', 'new']);
});

test.each([401, 403, 400])('the transparent route too asks again with the new token after a %i', async (refusal) => {
  const host = await startHost(({ authorization }, response) => {
    const isGood = authorization === 'Bearer new';
    sendJson(response, isGood ? 200 : refusal, isGood ? { ok: 1 } : { message: 'expired' });
  });
  const token = new HandToken('old');
  rig.add('only', { ...withToken(token, refusal), origin: host.origin });
  const answer = rig.get('/openai-custom/v1/files');
  await token.wasRefused;
  Object.assign(token, { access: 'new', isUsable: true });
  token.renew(true);
  expect([(await answer).status, await (await answer).json()]).toEqual([200, { ok: 1 }]);
  expect(host.requests.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new']);
  await host.close();
});

test("on the transparent route a client's own error goes through, and says nothing about an account with a token", async () => {
  const host = await startHost((_, response) => sendJson(response, 404, { message: 'no such file' }));
  const token = new HandToken('good');
  rig.add('only', { ...withToken(token, 401), origin: host.origin });
  for (let turn = 0; turn < 2; turn++) {
    const answer = await rig.get('/openai-custom/v1/files');
    expect([answer.status, await answer.json()]).toEqual([404, { message: 'no such file' }]);
  }
  await expect.poll(() => rig.accounts.get('only')?.successCount).toBe(2);
  expect([rig.accounts.get('only')?.errorCount, token.refusals]).toEqual([0, []]);
  await host.close();
});

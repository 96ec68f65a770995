import { providerEnvironment } from '../../suites/provider-environment.ts';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { silentLog } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { Secret } from '../../../kit/secret.ts';
import { Accounts } from '../../../node/accounts/directory.ts';
import { makeCache } from '../../../node/assembly/cache.ts';
import { forwardOptions } from '../../../node/assembly/options.ts';
import { makeRouting, type RoutingParts } from '../../../node/assembly/routing.ts';
import { ClientAddress } from '../../../node/auth/address.ts';
import { Authenticator } from '../../../node/auth/authenticator.ts';
import { NodeKey } from '../../../node/auth/node-key.ts';
import { principal } from '../../../node/auth/principal.ts';
import { loadConfiguration } from '../../../node/config/load.ts';
import { Forward } from '../../../node/forward/forward.ts';
import { Traffic } from '../../../node/metrics/traffic.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import { clientProtocols } from '../../../node/protocols/registry.ts';
import type { TokenSource, Upstream, UpstreamRequest } from '../../../node/providers/contract.ts';

import { openaiCustomProvider } from '../../../node/providers/openai-custom/index.ts';
import { start, type Upstream as Vendor } from '../../upstream/upstream.ts';

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
let accounts: Accounts;
let routing: RoutingParts;
let forward: Forward;
let server: Server;
let url = '';

beforeEach(async () => {
  good.clear();
  vendor = await start({ acceptsKey: (key) => good.has(key) });
  const home = tmpdir();
  const loaded = await loadConfiguration({ args: [], env: {}, cwd: home, home });
  if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
  const [clock, random] = [systemClock, systemRandom];
  accounts = new Accounts({ clock });
  routing = makeRouting(loaded.settings, accounts, clock, random);
  forward = new Forward(
    {
      clock,
      random,
      log: silentLog,
      protocols: clientProtocols,
      providers: new Set(),
      router: routing.router,
      waitQueue: routing.waitQueue,
      retryBudget: routing.retryBudget,
      verifier: new Authenticator([new NodeKey(new Secret('sk-node'), principal('node', 'admin'))]),
      clientAddress: new ClientAddress([]),
      meter: new Traffic(),
      cache: makeCache({ settings: loaded.settings.cache, clock, nodeId: 'node1', mesh: undefined }).cache,
      corsHeaders: () => [],
    },
    { ...forwardOptions(loaded.settings, 'node1'), retryAttempts: 0 },
  );
  server = createServer((request, response) => void forward.handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await forward.stop();
  routing.waitQueue.stop();
  accounts.stop();
  server.close();
  server.closeAllConnections();
  await vendor.close();
});

function addAccount(id: string, access: string, weight: number): HandToken {
  const token = new HandToken(access);
  accounts.add({
    definition: { id, provider: 'openai-custom', weight, acceptsUnknownModels: true },
    upstream: withToken(token),
  });
  return token;
}

/** An upstream whose bearer token changes, and which reads a 401 as the end of that token. */
function withToken(token: HandToken): Upstream {
  const account = { id: 'a', provider: 'openai-custom' as const, base_url: vendor.openaiBaseUrl };
  const plain = openaiCustomProvider.open(
    openaiCustomProvider.credential.parse({ base_url: account.base_url }) as never,
    providerEnvironment({ defaultMaxTokens: 4000 }),
  );
  return Object.assign(Object.create(plain) as Upstream, {
    token,
    authorise: (request: UpstreamRequest) => ({
      ...request,
      headers: [...request.headers, 'authorization', `Bearer ${token.current() ?? ''}`],
    }),
    readFault: (...answer: Parameters<Upstream['readFault']>) =>
      answer[0] === 401
        ? protocolFaults.upstream_token_refused('the token has ended', { upstreamStatus: 401 })
        : plain.readFault(...answer),
    passThrough: plain.passThrough.bind(plain),
    speaks: plain.speaks.bind(plain),
    upstreamModel: plain.upstreamModel.bind(plain),
  });
}

function ask(): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-node', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] }),
  });
}

test('another account answers at once while the token is refreshed, without any retry being allowed', async () => {
  good.add('good');
  const ended = addAccount('ended', 'old', 1000);
  addAccount('other', 'good', 1);
  const response = await ask();
  expect([response.status, response.headers.get('x-aiproxy-account')]).toEqual([200, 'other']);
  expect(ended.refusals).toEqual(['old']);
  expect(accounts.get('ended')?.breakerState(systemClock.nowMs())).toBe('closed');
  // Out of the choice until it has another one.
  expect((await ask()).headers.get('x-aiproxy-attempts')).toBe('1');
});

test('the only account is waited for and asked again with the new token', async () => {
  const token = addAccount('only', 'old', 1);
  const answer = ask();
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
  const answer = ask();
  await token.wasRefused;
  Object.assign(token, { access: 'new', isUsable: true });
  token.renew(true);
  expect((await answer).status).toBe(502);
  expect([token.refusals, vendor.requests.length]).toEqual([['old'], 2]);
  expect(accounts.get('only')?.standings.whole.breaker.errorCount).toBe(1);
});

test('a token that has only just come is not refreshed, and the refusal counts against the account', async () => {
  const token = addAccount('only', 'old', 1);
  token.isYoung = true;
  expect((await ask()).status).toBe(502);
  expect(accounts.get('only')?.standings.whole.breaker.errorCount).toBe(1);
});

test('without another token the client hears of it, and nothing of the account is held', async () => {
  const token = addAccount('only', 'old', 1);
  const answer = ask();
  await token.wasRefused;
  token.renew(false);
  expect((await answer).status).toBe(502);
  expect([forward.inFlight, accounts.get('only')?.inFlight]).toEqual([0, 0]);
});

test('a client that leaves while it waits is forgotten: its request is not sent when the token comes', async () => {
  const token = addAccount('only', 'old', 1);
  const leaving = new AbortController();
  const answer = fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-node' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] }),
    signal: leaving.signal,
  });
  answer.catch(() => undefined);
  await token.wasRefused;
  leaving.abort();
  while (forward.active > 0) await new Promise((turn) => setImmediate(turn));
  Object.assign(token, { access: 'new', isUsable: true });
  good.add('new');
  token.renew(true);
  expect((await ask()).status).toBe(200);
  expect(vendor.requests.map(({ key }) => key)).toEqual(['old', 'new']);
});

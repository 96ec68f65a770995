import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { type Clock, systemClock } from '../../../kit/clock.ts';
import { silentLog } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { Secret } from '../../../kit/secret.ts';
import { Accounts } from '../../../node/accounts/directory.ts';
import { makeCache } from '../../../node/assembly/cache.ts';
import { forwardOptions } from '../../../node/assembly/options.ts';
import { makeRouting } from '../../../node/assembly/routing.ts';
import { ClientAddress } from '../../../node/auth/address.ts';
import { Authenticator } from '../../../node/auth/authenticator.ts';
import { NodeKey } from '../../../node/auth/node-key.ts';
import { principal } from '../../../node/auth/principal.ts';
import { loadConfiguration } from '../../../node/config/load.ts';
import { Forward } from '../../../node/forward/forward.ts';
import { Traffic } from '../../../node/metrics/traffic.ts';
import { clientProtocols } from '../../../node/protocols/registry.ts';
import type { ProviderId, Upstream } from '../../../node/providers/contract.ts';

export interface RigOptions {
  retryAttempts?: number;
  /** Whether retries are within the budget. */
  mayRetry?: () => boolean;
  /** Providers that have a transparent route. */
  transparent?: readonly ProviderId[];
  /** Sockets go by the system's all the same. */
  clock?: Clock;
}

/** The data plane alone, before accounts whose upstreams a test makes by hand. */
export interface ForwardRig {
  readonly accounts: Accounts;
  readonly forward: Forward;
  add(id: string, upstream: Upstream, weight?: number): void;
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
  /** One user message, not streamed unless said. */
  chat(more?: Record<string, unknown>, init?: RequestInit): Promise<Response>;
  get(path: string): Promise<Response>;
  stop(): Promise<void>;
}

export async function startRig({
  retryAttempts = 0,
  mayRetry,
  transparent = [],
  clock = systemClock,
}: RigOptions = {}): Promise<ForwardRig> {
  const home = tmpdir();
  const loaded = await loadConfiguration({ args: [], env: {}, cwd: home, home });
  if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
  const random = systemRandom;
  const accounts = new Accounts({ clock });
  const routing = makeRouting(loaded.settings, accounts, clock, random);
  const forward = new Forward(
    {
      clock,
      random,
      log: silentLog,
      protocols: clientProtocols,
      providers: new Set(transparent),
      router: routing.router,
      waitQueue: routing.waitQueue,
      retryBudget: mayRetry === undefined ? routing.retryBudget : { deposit: () => undefined, take: mayRetry },
      verifier: new Authenticator([new NodeKey(new Secret('sk-node'), principal('node', 'admin'))]),
      clientAddress: new ClientAddress([]),
      meter: new Traffic(),
      cache: makeCache({ settings: loaded.settings.cache, clock, nodeId: 'node1', mesh: undefined }).cache,
      corsHeaders: () => [],
    },
    { ...forwardOptions(loaded.settings, 'node1'), retryAttempts },
  );
  const server = createServer((request, response) => void forward.handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { authorization: 'Bearer sk-node', 'content-type': 'application/json' };
  const rig: ForwardRig = {
    accounts,
    forward,
    add(id, upstream, weight = 1) {
      accounts.add({ definition: { id, provider: 'openai-custom', weight, acceptsUnknownModels: true }, upstream });
    },
    post: (path, body, init = {}) =>
      fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body), ...init }),
    chat: (more = {}, init = {}) =>
      rig.post('/v1/chat/completions', { model: 'm', messages: [{ role: 'user', content: 'hello' }], ...more }, init),
    get: (path) => fetch(url + path, { headers }),
    async stop() {
      await forward.stop();
      routing.waitQueue.stop();
      accounts.stop();
      server.close();
      server.closeAllConnections();
    },
  };
  return rig;
}

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
import type { CredentialSource, CredentialVerifier, Principal } from '../../../node/auth/contract.ts';
import { Authenticator } from '../../../node/auth/authenticator.ts';
import { NodeKey } from '../../../node/auth/node-key.ts';
import { principal } from '../../../node/auth/principal.ts';
import { loadConfiguration } from '../../../node/config/load.ts';
import type { ForwardOptions } from '../../../node/forward/contract.ts';
import { Forward } from '../../../node/forward/forward.ts';
import { Traffic } from '../../../node/metrics/traffic.ts';
import { clientProtocols } from '../../../node/protocols/registry.ts';
import type { ProviderId, Upstream } from '../../../node/providers/contract.ts';
import { HandGate, HandRecorder, handPrices } from './accounting-doubles.ts';

export interface RigOptions {
  retryAttempts?: number;
  /** Whether retries are within the budget. */
  mayRetry?: () => boolean;
  /** Providers that have a transparent route. */
  transparent?: readonly ProviderId[];
  /** Sockets go by the system's all the same. */
  clock?: Clock;
  /** Further callers, by their keys. */
  callers?: Readonly<Record<string, Principal>>;
  /** In place of one that knows the callers at once. */
  verifier?: CredentialVerifier;
  keyPlaces?: ForwardOptions['keyPlaces'];
  /** Other names for models. */
  aliases?: Readonly<Record<string, string>>;
  /** Whether answers are kept and shared. */
  isCaching?: boolean;
}

/** The data plane alone, before accounts whose upstreams a test makes by hand. */
export interface ForwardRig {
  readonly accounts: Accounts;
  readonly forward: Forward;
  readonly traffic: Traffic;
  readonly gate: HandGate;
  readonly recorder: HandRecorder;
  readonly url: string;
  add(id: string, upstream: Upstream, weight?: number, provider?: ProviderId): void;
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
  callers = {},
  verifier,
  keyPlaces,
  aliases = {},
  isCaching = false,
}: RigOptions = {}): Promise<ForwardRig> {
  const home = tmpdir();
  const loaded = await loadConfiguration({ args: [], env: {}, cwd: home, home });
  if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
  const random = systemRandom;
  const accounts = new Accounts({ clock });
  const routing = makeRouting(loaded.settings, accounts, clock, random);
  routing.catalog.setAliases(aliases);
  const traffic = new Traffic();
  const gate = new HandGate();
  const recorder = new HandRecorder();
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
      verifier:
        verifier ??
        new Authenticator([new NodeKey(new Secret('sk-node'), principal('node', 'admin')), callersByKey(callers)]),
      clientAddress: new ClientAddress([]),
      meter: traffic,
      limits: gate,
      prices: handPrices,
      usage: recorder,
      cache: makeCache({
        settings: { ...loaded.settings.cache, enabled: isCaching },
        clock,
        nodeId: 'node1',
        mesh: undefined,
      }).cache,
      corsHeaders: () => [],
    },
    { ...forwardOptions(loaded.settings, 'node1'), retryAttempts, keyPlaces },
  );
  const server = createServer((request, response) => void forward.handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { authorization: 'Bearer sk-node', 'content-type': 'application/json' };
  const rig: ForwardRig = {
    accounts,
    forward,
    traffic,
    gate,
    recorder,
    url,
    add(id, upstream, weight = 1, provider = 'openai-custom') {
      accounts.add({ definition: { id, provider, weight, acceptsUnknownModels: true }, upstream });
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

function callersByKey(callers: Readonly<Record<string, Principal>>): CredentialSource {
  return { revision: 0, find: (credential) => callers[credential] };
}

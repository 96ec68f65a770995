import { Readable } from 'node:stream';
import { systemClock, type Clock } from '../../../kit/clock.ts';
import { seededRandom } from '../../../kit/random.ts';
import { silentLog, type Log, type LogFields } from '../../../kit/log.ts';
import { Secret } from '../../../kit/secret.ts';
import { ClientAddress } from '../../../node/auth/address.ts';
import { Authenticator } from '../../../node/auth/authenticator.ts';
import { NodeKey } from '../../../node/auth/node-key.ts';
import { principal } from '../../../node/auth/principal.ts';
import type { CredentialVerifier, Principal } from '../../../node/auth/contract.ts';
import { LocalControls } from '../../../node/cache/local-controls.ts';
import { ResponseCache } from '../../../node/cache/response-cache.ts';
import type {
  DataPlane,
  FaultDialects,
  ManagementDependencies,
  ModelListing,
} from '../../../node/http/dependencies.ts';
import type { Route } from '../../../node/http/define-route.ts';
import { defaultModelRefreshSettings } from '../../../node/http/model-refresh.ts';
import { Readiness } from '../../../node/http/readiness.ts';
import { onePortRoutes, type RouteSetParts } from '../../../node/http/route-sets.ts';
import { createHttpServer, type HttpServer } from '../../../node/http/server.ts';
import { defaultHttpServerSettings, type HttpServerSettings } from '../../../node/http/server-settings.ts';
import { exposeAccounts } from '../../../node/metrics/account-metrics.ts';
import { MetricsRegistry } from '../../../node/metrics/registry.ts';
import { exposeTraffic } from '../../../node/metrics/traffic-metrics.ts';
import { Traffic } from '../../../node/metrics/traffic.ts';
import type { Fault } from '../../../kit/fault.ts';
import { FakeAccounts, fakeProviders } from './fake-accounts.ts';
import { MemoryPeople } from './memory-people.ts';
import { MemoryPrices, MemoryUsage } from './memory-usage.ts';

export const adminKey = 'sk-admin-key';
export const viewerKey = 'sk-viewer-key';
export const userKey = 'sk-user-key';
export const limitedKey = 'sk-limited-key';

export interface NodeOptions {
  settings?: Partial<HttpServerSettings>;
  dataPlane?: DataPlane;
  routes?: (parts: RouteSetParts) => Route[];
  clock?: Clock;
  areMetricsOpen?: boolean;
  trustedProxies?: readonly string[];
  /** Absent: those of `NodeUnderTest.people`. */
  people?: Pick<ManagementDependencies, 'users' | 'keys' | 'roles' | 'sessions'> & { verifier: CredentialVerifier };
  /** Who holds `limitedKey`. */
  limited?: Principal;
}

/** One listener with everything behind it that the http room needs, in memory. */
export interface NodeUnderTest {
  url: string;
  port: number;
  server: HttpServer;
  accounts: FakeAccounts;
  people: MemoryPeople;
  usage: MemoryUsage;
  prices: MemoryPrices;
  readiness: Readiness;
  traffic: Traffic;
  management: ManagementDependencies;
  models: ModelListing[];
  refreshes: { count: number; gate: Promise<void> };
  persisted: string[];
  logged: { message: string; fields: LogFields }[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  send(method: string, path: string, body?: unknown, key?: string): Promise<Response>;
}

/** Starts on a free port of 127.0.0.1. */
export async function startNode(options: NodeOptions = {}): Promise<NodeUnderTest> {
  const readiness = new Readiness();
  const traffic = new Traffic();
  const models: ModelListing[] = [];
  const refreshes = { count: 0, gate: Promise.resolve() };
  const persisted: string[] = [];
  const logged: NodeUnderTest['logged'] = [];
  const note = (message: string, fields: LogFields = {}) => void logged.push({ message, fields });
  const log: Log = { ...silentLog, level: 'debug', debug: note, error: note };
  const clock = options.clock ?? systemClock;
  const accounts = new FakeAccounts(clock);
  const people = new MemoryPeople(clock);
  const desks = options.people ?? people;
  const usage = new MemoryUsage();
  const prices = new MemoryPrices();
  const node = { id: 'node1', version: '1.2.3', clock, random: seededRandom(1) };
  const metrics = new MetricsRegistry({ processMetrics: false });
  const cache = new ResponseCache({ isEnabled: false, bytesMax: 1024 * 1024, ttlMs: 60_000 }, clock);
  exposeTraffic(metrics, traffic);
  exposeAccounts(metrics, clock, () => accounts.all);
  const management: ManagementDependencies = {
    node,
    cluster: fakeCluster(),
    accounts,
    editor: accounts.editor,
    providers: fakeProviders,
    router: fakeRouter(),
    algorithms: ['round_robin', 'weighted_round_robin', 'weighted', 'random'],
    breaker: { errorThreshold: 5, failureRate: 0.6, minRequests: 10, recoveryMs: 300_000 },
    models: {
      list: () => models,
      async refresh() {
        refreshes.count++;
        await refreshes.gate;
        return { refreshed: ['a'], failed: [{ account: 'b', reason: 'timed out' }] };
      },
    },
    checkAccounts: async (provider) => [
      { account: 'a', region: 'us-chicago-1', models: 3, latencyMs: 12.4 },
      { account: 'b', region: undefined, models: 0, latencyMs: 0, error: `no ${provider} today` },
    ],
    queue: () => ({
      inFlight: 3,
      inFlightMax: 200,
      waiting: 2,
      waitingMax: 2000,
      rejectedCount: 1,
      expiredCount: 4,
      oldestWaitMs: 12,
    }),
    cache: new LocalControls(cache, node.id),
    metrics,
    users: desks.users,
    keys: desks.keys,
    roles: desks.roles,
    sessions: desks.sessions,
    usage,
    prices,
    backup: {
      async open(part) {
        return { content: Readable.from([`copy of ${part}`]), sizeBytes: `copy of ${part}`.length };
      },
    },
    areMetricsOpen: options.areMetricsOpen ?? false,
    persistAccount: async () => void persisted.push('accounts'),
    persistRouting: async () => void persisted.push('routing'),
  };
  const ownKeys = new Authenticator([
    new NodeKey(new Secret(adminKey), principal('admin', 'admin')),
    new NodeKey(new Secret(viewerKey), principal('viewer', 'viewer')),
    new NodeKey(new Secret(userKey), principal('user', 'user')),
    ...(options.limited === undefined ? [] : [new NodeKey(new Secret(limitedKey), options.limited)]),
    ...(options.people === undefined ? [people] : []),
  ]);
  const verifier = options.people === undefined ? ownKeys : bothOf(ownKeys, options.people.verifier);
  const clientAddress = new ClientAddress(options.trustedProxies ?? []);
  const parts = { management, readiness, modelRefresh: defaultModelRefreshSettings, log };
  const server = await createHttpServer({
    settings: { ...defaultHttpServerSettings, port: 0, idleGraceMs: 0, drainTimeoutMs: 5000, ...options.settings },
    listener: { node, verifier, clientAddress, dialects: fakeDialects, traffic, log },
    readiness,
    dataPlane: options.dataPlane,
    routes: (options.routes ?? onePortRoutes)(parts),
  });
  const { port } = await server.start();
  readiness.enter('ready');
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    server,
    accounts,
    people,
    usage,
    prices,
    readiness,
    traffic,
    management,
    models,
    refreshes,
    persisted,
    logged,
    get: (path, headers = { 'api-key': adminKey }) => fetch(url + path, { headers }),
    send: (method, path, body, key = adminKey) =>
      fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
  };
}

function bothOf(one: CredentialVerifier, other: CredentialVerifier): CredentialVerifier {
  return {
    verify: (credential) => one.verify(credential) ?? other.verify(credential),
    learn: (credential) => one.learn(credential) ?? other.learn(credential),
  };
}

function fakeRouter(): ManagementDependencies['router'] {
  const refuse = () => {
    throw new Error('management does not route');
  };
  return {
    algorithm: 'weighted_round_robin',
    route: refuse,
    routeProvider: refuse,
    pick: refuse,
    remember: refuse,
    explainUnavailable: refuse,
  };
}

/** Names the dialect in the body, so that tests see which was chosen. */
const fakeDialects: FaultDialects = {
  anthropic: { encodeFault: (fault) => dialectAnswer('anthropic', fault) },
  'openai-chat': { encodeFault: (fault) => dialectAnswer('openai-chat', fault) },
  'openai-responses': { encodeFault: (fault) => dialectAnswer('openai-responses', fault) },
  gemini: { encodeFault: (fault) => dialectAnswer('gemini', fault) },
};

function dialectAnswer(dialect: string, fault: Fault) {
  const body = JSON.stringify({ dialect, code: fault.code });
  return { status: fault.status, headers: ['content-type', 'application/json'], body };
}

/** A cluster of two of which this is one. */
function fakeCluster(): ManagementDependencies['cluster'] {
  return {
    self: 'node1',
    status: () => ({
      node_id: 'node1',
      leader: 'node2',
      term: 3,
      converged: true,
      joined: true,
      obstacle: null,
      cache_epoch: '0',
      version: '1.2.3',
      voters: ['node1', 'node2'],
      members: [],
      accounts: [],
      tokens: [],
    }),
    card: () => ({ node_id: 'node1', peer_id: 'peer1', addresses: ['/ip4/127.0.0.1/tcp/13000'], version: '1.2.3' }),
    leave: () => undefined,
    removeVoter: async (nodeId) => (nodeId === 'node2' ? undefined : 'it is no voter'),
  };
}

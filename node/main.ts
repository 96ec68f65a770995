import { systemClock, type Clock } from '../kit/clock.ts';
import { Lifecycle } from '../kit/lifecycle.ts';
import type { Log } from '../kit/log.ts';
import { systemRandom, type Random } from '../kit/random.ts';
import type { Secret } from '../kit/secret.ts';
import { Accounts } from './accounts/directory.ts';
import { checkAccounts } from './assembly/account-check.ts';
import { AccountKeeper } from './assembly/account-keeper.ts';
import { makeAuth, type MadeAdmin } from './assembly/auth.ts';
import { NotesFile } from './assembly/account-notes.ts';
import { makeBackup } from './assembly/backup.ts';
import { makeCache } from './assembly/cache.ts';
import { CredentialFolders } from './assembly/credential-files.ts';
import { makeListeners } from './assembly/listeners.ts';
import { clusterCalls } from './assembly/mesh/cluster-calls.ts';
import { ClusterView } from './assembly/mesh/cluster-view.ts';
import { adoptFormerChanges } from './assembly/mesh/former-changes.ts';
import { JoinWatch } from './assembly/mesh/join-watch.ts';
import { MeshMembership } from './assembly/mesh/mesh-membership.ts';
import { nodeIdOf } from './assembly/mesh/node-identity.ts';
import { NodeMesh } from './assembly/mesh/node-mesh.ts';
import { openMesh } from './assembly/mesh/open-mesh.ts';
import { OwnHealth } from './assembly/mesh/own-health.ts';
import { SharedAlgorithm } from './assembly/mesh/shared-algorithm.ts';
import { SharedChanges } from './assembly/mesh/shared-changes.ts';
import { makeRecordExchange } from './assembly/mesh/shared-store-records.ts';
import { ModelDiscovery } from './assembly/model-discovery.ts';
import { ModelsFile } from './assembly/models-file.ts';
import { breakerOptions, failoverPolicy, forwardOptions, restOptions } from './assembly/options.ts';
import { ProviderSurroundings } from './assembly/provider-surroundings.ts';
import { needingRestart } from './assembly/restart-settings.ts';
import { makeTokens, tokenStatus } from './assembly/tokens.ts';
import { makeLimits } from './assembly/limits.ts';
import { makeUsage } from './assembly/usage.ts';
import { algorithmOf, makeRouting, setGroups } from './assembly/routing.ts';
import { ClientAddress } from './auth/address.ts';
import { keyParameters } from './auth/key-places.ts';
import type { Settings } from './config/index.ts';
import { Forward } from './forward/forward.ts';
import { loneExchange } from './forward/lone-exchange.ts';
import { Cors } from './http/cors.ts';
import { Readiness } from './http/readiness.ts';
import type { ListeningAddress } from './http/server.ts';
import { exposeAmazonQ } from './metrics/amazonq-metrics.ts';
import { exposeCluster, PropagationTimes } from './metrics/cluster-metrics.ts';
import { exposeAccounts } from './metrics/account-metrics.ts';
import { exposeCache } from './metrics/cache-metrics.ts';
import { exposeQueue } from './metrics/queue-metrics.ts';
import { MetricsRegistry } from './metrics/registry.ts';
import { Traffic } from './metrics/traffic.ts';
import { exposeTokens } from './metrics/token-metrics.ts';
import { exposeTraffic } from './metrics/traffic-metrics.ts';
import { exposeLimits } from './metrics/limit-metrics.ts';
import { exposeStore } from './metrics/usage-metrics.ts';
import { clientProtocols } from './protocols/registry.ts';
import { providers } from './providers/registry.ts';
import { version } from './version.ts';

export interface NodeEnvironment {
  log: Log;
  clock?: Clock;
  random?: Random;
  /** An address of this node alone, for a worker that shares its port with others. */
  ownAddress?: ListeningAddress | undefined;
  /** Absolute path of the file that the settings were read from; friendly names of models are added to an INI file. */
  configFile?: string | undefined;
  /** Told once when the first start made the user `admin` with a password of its own making, to show it to a person. */
  onAdminMade?: ((made: MadeAdmin) => void) | undefined;
}

export interface RunningNode {
  /** `http://127.0.0.1:3000`, with the port that it took. */
  readonly url: string;
  /** Requests of clients that are under way. */
  readonly inFlight: number;
  /** Takes settings that were read again: accounts, groups, models, strategy and `global_max_concurrency`; logs what waits for a restart. */
  reload(settings: Settings): void;
  /** Drains, tells the mesh and stops; a second call waits for the first. */
  stop(): Promise<void>;
  /**
   * Resolves when the node has stopped by itself: with nothing after it left the mesh for good, with the reason when it
   * may not go on (another node has its name).
   */
  readonly ended: Promise<Error | undefined>;
}

/** Settings with the key that `withApiKey` made sure of. */
type KeyedSettings = Settings & { api_key?: Secret | undefined };

/** Builds a node from its settings, room by room, lowest first, and makes it listen. Stops in reverse order. */
export async function startNode(settings: KeyedSettings, environment: NodeEnvironment): Promise<RunningNode> {
  const { clock = systemClock, random = systemRandom, log } = environment;
  if (settings.api_key === undefined) throw new TypeError('a node needs an api_key; see withApiKey');
  const lifecycle = new Lifecycle();
  const stop = () => lifecycle.stop((part, error) => log.error(`${part} did not stop cleanly`, { error }));
  try {
    return await build(settings, settings.api_key, { ...environment, clock, random }, lifecycle, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(
  settings: KeyedSettings,
  apiKey: Secret,
  { log, clock, random, ownAddress, configFile, onAdminMade }: NodeEnvironment & { clock: Clock; random: Random },
  lifecycle: Lifecycle,
  stop: () => Promise<void>,
): Promise<RunningNode> {
  const node = { id: nodeIdOf(settings), version, clock, random };
  const readiness = new Readiness();
  const { mesh, backUpRecords } = await openMesh(settings, node, log, ownAddress?.host ?? settings.host);
  const health = new OwnHealth(mesh, readiness);
  const membership = new MeshMembership({ mesh, health, log, stop });
  lifecycle.add('mesh', () => membership.leave());
  const exchange = makeRecordExchange({ settings, records: mesh.records, clock, random, log });
  lifecycle.add('records shared over PostgreSQL', () => exchange?.stop());
  const usage = await makeUsage({ settings, node, log, mesh });
  lifecycle.add('traces and usage', () => usage.stop());
  const backup = await makeBackup(settings, node, { records: backUpRecords, usage: usage.backUp });
  const changes = new SharedChanges(mesh.records);
  await adoptFormerChanges(settings.data_dir, changes, log);

  const accounts = new Accounts({ clock, breaker: breakerOptions(settings), rest: restOptions(settings) });
  lifecycle.add('accounts', () => accounts.stop());
  const routing = makeRouting(settings, accounts, clock, random);
  const { catalog, router, waitQueue, watch } = routing;
  lifecycle.add('waiting queue', () => waitQueue.stop());

  const traffic = new Traffic();
  const auth = makeAuth({
    settings: settings.auth,
    apiKey,
    mesh,
    accounts,
    router,
    clock,
    random,
    log,
    onAdminMade: (made) => onAdminMade?.(made),
  });
  lifecycle.add('users and keys', () => auth.stop());
  const { verifier } = auth;
  const limits = makeLimits({ mesh, clock, log, keyOf: (id) => auth.keyOf(id), sums: (fromMs) => usage.sums(fromMs) });
  lifecycle.add('limits of keys', () => limits.stop());
  const cached = makeCache({ settings: settings.cache, clock, nodeId: node.id, mesh });
  lifecycle.add('cache', () => cached.stop());
  const cors = new Cors(settings.cors.enabled ? settings.cors.origins : []);
  const clientAddress = new ClientAddress(settings.trusted_proxies);
  const forward = new Forward(
    {
      clock,
      random,
      log,
      protocols: clientProtocols,
      providers: new Set(providers.keys()),
      router,
      waitQueue,
      retryBudget: routing.retryBudget,
      verifier,
      cache: cached.cache,
      clientAddress,
      meter: traffic,
      limits: limits.gate,
      prices: usage.prices,
      usage: usage.recorder,
      corsHeaders: (origin) => cors.headers(origin),
    },
    forwardOptions(settings, node.id),
  );
  lifecycle.add('forwarding', () => forward.stop());

  const tokens = makeTokens({
    settings,
    mesh,
    accounts,
    send: loneExchange(),
    clock,
    random,
    log,
    onUsable: (id) => discovery.tokenCame(id),
  });
  lifecycle.add('tokens', () => tokens.coordinator.stop());
  const notes = new NotesFile({ dataDir: settings.data_dir, clock, log });
  await notes.load();
  lifecycle.add('notes of the accounts', () => notes.stop());
  const keeper = new AccountKeeper({
    accounts,
    tokens: tokens.coordinator,
    changes,
    clock,
    log,
    notes,
    surroundings: new ProviderSurroundings({
      clock,
      random,
      log,
      notes,
      ask: (request, timeoutMs) => forward.askOrigin(request, timeoutMs),
      defaultMaxTokens: settings.limits.default_max_tokens,
    }),
    credentials: new CredentialFolders({ home: settings.home, dataDir: settings.data_dir, log }),
    onOpened: (id) => void discovery.discover(id),
  });
  const modelsFile = configFile === undefined ? undefined : new ModelsFile(configFile, log);
  lifecycle.add('names of models', () => modelsFile?.settled());
  const discovery = new ModelDiscovery({
    accounts,
    catalog,
    forward,
    clock,
    log,
    wantsDiscovery: (id) => keeper.wantsDiscovery(id),
    onListed: (models) => void modelsFile?.keep(models),
  });
  const propagation = new PropagationTimes();
  const nodeMesh = new NodeMesh({
    mesh,
    clock,
    log,
    accounts,
    changes,
    propagation,
    observers: [{ breakerOpened: () => watch.look() }],
    onOwnNetwork: (isAtFault) => health.networkAtFault(isAtFault),
  });
  nodeMesh.start();
  lifecycle.add('reports to the mesh', () => nodeMesh.stop());
  const algorithm = new SharedAlgorithm({ changes, router, log, configured: algorithmOf(settings) });
  changes.watch({
    account: (id) => keeper.follow(id),
    algorithm: () => algorithm.follow(),
    reset: (id) => nodeMesh.followReset(id),
    changed: (writtenAtMs) => propagation.record('record', clock.nowMs() - writtenAtMs),
  });
  keeper.load(settings.accounts);
  keeper.start();
  lifecycle.add('accounts of the settings', () => keeper.stop());
  await tokens.coordinator.loaded();
  tokens.coordinator.start();
  watch.start();
  lifecycle.add('priority watch', () => watch.stop());

  const queueReading = () => ({
    inFlight: forward.inFlight,
    inFlightMax: forward.globalMaxConcurrency,
    ...waitQueue.reading(),
  });
  const metrics = new MetricsRegistry({ processMetrics: true });
  exposeTraffic(metrics, traffic);
  exposeAccounts(metrics, clock, () => accounts.all);
  const tokenReadings = () => tokens.coordinator.readings();
  exposeTokens(metrics, tokenReadings, () => tokens.unwritten());
  exposeAmazonQ(metrics, clock, () => accounts.all, traffic, tokenReadings);
  exposeQueue(metrics, queueReading);
  exposeCluster(metrics, () => mesh.reading(), propagation, tokenReadings);
  exposeCache(metrics, () => cached.controls.reading());
  exposeStore(metrics, () => usage.numbers());
  exposeLimits(metrics, () => limits.reading());

  const view = new ClusterView({
    mesh,
    accounts,
    clock,
    version,
    inFlight: () => forward.inFlight,
    cacheEpoch: () => cached.controls.reading().epoch,
    tokens: () => tokens.coordinator.readings().map(tokenStatus),
  });
  const listeners = await makeListeners({
    settings,
    readiness,
    dataPlane: forward,
    ownAddress,
    listener: {
      node,
      verifier,
      clientAddress,
      dialects: clientProtocols,
      keyParameters: keyParameters(settings.key_places),
      traffic,
      log,
    },
    management: {
      node,
      cluster: clusterCalls(mesh, view, membership),
      accounts,
      editor: keeper,
      providers: [...providers.values()],
      router,
      algorithms: router.strategies.factories.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
      breaker: accounts.breakerOptions,
      models: discovery,
      checkAccounts: (provider) =>
        checkAccounts(provider, {
          accounts,
          clock,
          log,
          listed: (upstream) => discovery.listed(upstream),
          settingsOf: (id) => keeper.settingsOf(id),
        }),
      queue: queueReading,
      cache: cached.controls,
      users: auth.users,
      keys: auth.keys,
      roles: auth.roles,
      sessions: auth.sessions,
      usage: usage.desk,
      prices: usage.prices,
      backup,
      metrics,
      areMetricsOpen: settings.metrics.open,
      persistAccount: (id) => keeper.persist(id),
      persistRouting: () => changes.keepAlgorithm(router.algorithm),
    },
  });
  // Those of the clients stop first: while they drain, the others still tell how far they are.
  for (const server of listeners.others) lifecycle.add('listener', () => server.stop());
  const { main, own } = listeners;
  lifecycle.add('listeners of clients', async () => void (await Promise.all([main.stop(), own?.stop()])));
  for (const server of listeners.others) await server.start();
  await own?.start();
  const { host, port } = await listeners.main.start();
  // Seeds ask each other over HTTP, so the mesh begins once this node answers there.
  readiness.enter('joining');
  await membership.start();
  await exchange?.start();
  auth.start();
  await limits.start();
  const joinWatch = new JoinWatch({
    mesh,
    clock,
    log,
    onJoined: () => health.joined(),
  });
  joinWatch.start();
  lifecycle.add('joining', () => {
    joinWatch.stop();
    membership.announceDraining();
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    get inFlight() {
      return forward.inFlight;
    },
    reload(next) {
      const idle = needingRestart(settings, next);
      if (idle.length > 0) log.warn(`changed, and used from the next start on: ${idle.join(', ')}`, { settings: idle });
      setGroups(routing.groups, next);
      catalog.setAliases(next.models);
      algorithm.configure(algorithmOf(next));
      forward.reconfigure(forwardOptions(next, node.id));
      waitQueue.queueSize = next.limits.queue_size;
      routing.retryBudget.share = next.limits.retry_budget;
      accounts.reconfigure(breakerOptions(next), restOptions(next));
      routing.failover.policy = failoverPolicy(next);
      router.affinity = next.affinity;
      cached.reconfigure(next.cache);
      usage.reconfigure(next);
      keeper.load(next.accounts);
    },
    stop,
    ended: membership.ended,
  };
}

import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import { IncarnationFile } from './identity/incarnation-file.ts';
import { keepNodeKey } from './identity/node-key.ts';
import { readDecisions } from './kept-decisions.ts';
import { HttpSeedResolver } from './links/http-seed-resolver.ts';
import type { MemberFacts, NodeId } from './membership/contract.ts';
import { MemberMesh } from './mesh.ts';
import { PeerConnection } from './peer-connection.ts';
import { messagePackCodec } from './post/message-pack-codec.ts';
import type { RecordStore, ReplicatedRecord } from './replicated/contract.ts';
import { resolveClusterSecret } from './secret/cluster-secret.ts';
import { isLoopback } from './secret/loopback.ts';
import { readOwnSealKey } from './secret/own-seal-key.ts';
import type { ClusterSettings } from './settings.ts';
import { timings, type Network, type Timing } from './timing.ts';
import { Libp2pTransport } from './transport/libp2p.ts';

export interface OpenClusterOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: ClusterSettings;
  readonly nodeId: NodeId;
  /** HOST:PORT of the HTTP side, as the others reach it. */
  readonly address: string;
  /** Where this node listens, for the mesh as for HTTP. */
  readonly host: string;
  readonly meshPort: number;
  readonly version: string;
  /** Of this node alone. */
  readonly folder: string;
  /** Shared by the nodes of a machine. */
  readonly dataDir: string;
  readonly records: { readonly kept: readonly ReplicatedRecord[]; readonly store: RecordStore };
  /** Called last, after the mesh has closed. */
  readonly onClosed: () => void | Promise<void>;
}

/** Two processes draw the same with odds of 2^-64. */
const instanceBytes = 8;

/**
 * Opens a member over libp2p: its key, secret and votes are read, and its mesh port listens. `start` makes it join.
 * Throws a Fault of source config that says what to change.
 */
export async function openCluster(options: OpenClusterOptions): Promise<MemberMesh> {
  const { settings, folder, dataDir, address, host, clock, random, log, nodeId } = options;
  // Not after the incarnation is drawn, which is at least this.
  const startedAtMs = Math.floor(clock.nowMs());
  const hosts = [address, host, ...settings.seed_nodes];
  const secret = await resolveClusterSecret({ secret: settings.secret, addresses: hosts, dataDir, log });
  const [key, incarnation, decisions, sealKey] = await Promise.all([
    keepNodeKey(folder),
    IncarnationFile.open(folder, clock, log),
    readDecisions(folder, log),
    readOwnSealKey(folder),
  ]);
  const transport = new Libp2pTransport({
    clock,
    random,
    log,
    key,
    prologue: secret.prologue(),
    secretAdvice: secret.advice,
    listen: [listenAddress(host, options.meshPort)],
    announce: announced(address, host, options.meshPort),
  });
  const facts = (): MemberFacts => ({
    nodeId,
    peer: transport.self,
    incarnation: incarnation.first,
    address,
    meshAddresses: transport.addresses(),
    version: options.version,
    startedAtMs,
  });
  const environment = { clock, random, log, timing: timingOf(settings.network, hosts) };
  const instance = Buffer.from(random.bytes(instanceBytes)).toString('hex');
  const connection = new PeerConnection({
    ...environment,
    self: nodeId,
    transport,
    codec: messagePackCodec,
    facts,
    seeds: settings.seed_nodes,
    ownAddress: address,
    resolver: new HttpSeedResolver(clock, { peer_id: transport.self, instance }),
    instance,
    proof: secret.proof(),
  });
  await transport.start(connection);
  return new MemberMesh({
    ...environment,
    facts: facts(),
    connection,
    election: {
      policy: settings.election,
      voters: settings.voters,
      founding: [...new Set([...settings.seed_nodes, address])].sort(),
    },
    kept: { ...decisions.kept, records: options.records.kept },
    stores: { ...decisions.stores, records: options.records.store },
    sealer: secret.sealer(sealKey === undefined ? [] : [sealKey]),
    onIncarnation: (next) => incarnation.raise(next),
    async onClosed() {
      await Promise.all([incarnation.settled(), decisions.settled()]);
      await options.onClosed();
    },
  });
}

function timingOf(network: 'auto' | Network, hosts: readonly string[]): Timing {
  if (network !== 'auto') return timings[network];
  return hosts.every(isLoopback) ? timings.loopback : timings.lan;
}

function listenAddress(host: string, port: number): string {
  if (host.includes(':')) return `/ip6/${host.replace(/^\[|\]$/g, '')}/tcp/${port}`;
  return /^\d+(?:\.\d+){3}$/.test(host) ? `/ip4/${host}/tcp/${port}` : `/dns/${host}/tcp/${port}`;
}

/** A node that listens on every address is told of by the one that people gave; else by those it listens on. */
function announced(address: string, host: string, port: number): string[] {
  const isAny = host === '0.0.0.0' || host === '::' || host === '[::]';
  const name = address.replace(/:\d+$/, '');
  return isAny && !address.startsWith('/') ? [listenAddress(name.replace(/^\[|\]$/g, ''), port)] : [];
}

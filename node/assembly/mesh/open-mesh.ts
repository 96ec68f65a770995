import { mkdir } from 'node:fs/promises';
import { IncarnationFile } from '../../../cluster/identity/incarnation-file.ts';
import { readDecisions } from '../../../cluster/kept-decisions.ts';
import type { MemberMesh } from '../../../cluster/mesh.ts';
import type { Sealer } from '../../../cluster/contract.ts';
import { AesSealer } from '../../../cluster/secret/aes-sealer.ts';
import { resolveClusterSecret } from '../../../cluster/secret/cluster-secret.ts';
import { keepOwnSealKey } from '../../../cluster/secret/own-seal-key.ts';
import { soloMesh } from '../../../cluster/solo.ts';
import { timings } from '../../../cluster/timing.ts';
import type { Log } from '../../../kit/log.ts';
import type { Settings } from '../../config/index.ts';
import { meshPortOf } from '../../config/mesh-port.ts';
import type { NodeFacts } from '../../http/dependencies.ts';
import { openRecordStore, type OpenedRecordStore } from '../../store/record-store.ts';
import { nodeAddressOf, nodeFolderOf } from './node-identity.ts';

export interface OpenedMesh {
  readonly mesh: MemberMesh;
  /** Copies the records of this node's disk into a new file; see `OpenedRecordStore`. */
  backUpRecords(path: string): Promise<void>;
}

/** Opens the node's mesh: with others (its port listens on `host`), or of one. libp2p is loaded only where there are others to be found. */
export async function openMesh(settings: Settings, node: NodeFacts, log: Log, host: string): Promise<OpenedMesh> {
  const folder = nodeFolderOf(settings);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const records = openRecordStore(folder, log, node.clock);
  try {
    const mesh = settings.cluster.enabled
      ? await openMember(settings, node, log, host, folder, records)
      : await openSolo(settings, node, log, folder, records);
    return { mesh, backUpRecords: (path) => records.backupTo(path) };
  } catch (error) {
    records.close();
    throw error;
  }
}

async function openMember(
  settings: Settings,
  { id, version, clock, random }: NodeFacts,
  log: Log,
  host: string,
  folder: string,
  records: OpenedRecordStore,
): Promise<MemberMesh> {
  const { openCluster } = await import('../../../cluster/open-cluster.ts');
  return openCluster({
    clock,
    random,
    log,
    settings: settings.cluster,
    nodeId: id,
    address: nodeAddressOf(settings),
    host,
    meshPort: meshPortOf(settings),
    version,
    folder,
    dataDir: settings.data_dir,
    records,
    onClosed: () => records.close(),
  });
}

async function openSolo(
  settings: Settings,
  { id, version, clock, random }: NodeFacts,
  log: Log,
  folder: string,
  records: OpenedRecordStore,
): Promise<MemberMesh> {
  const startedAtMs = Math.floor(clock.nowMs());
  const [incarnation, decisions, sealKey] = await Promise.all([
    IncarnationFile.open(folder, clock, log),
    readDecisions(folder, log),
    keepOwnSealKey(folder),
  ]);
  const address = nodeAddressOf(settings);
  const sealer = await soloSealer(settings, log, sealKey);
  return soloMesh({
    clock,
    random,
    log,
    timing: timings.loopback,
    facts: { nodeId: id, incarnation: incarnation.first, address, version, startedAtMs },
    kept: { ...decisions.kept, records: records.kept },
    stores: { ...decisions.stores, records: records.store },
    sealer,
    onIncarnation: (next) => incarnation.raise(next),
    async onClosed() {
      await Promise.all([incarnation.settled(), decisions.settled()]);
      records.close();
    },
  });
}

/** Nodes that share a database can open what the others sealed where all were given the same secret. */
async function soloSealer({ cluster, store, data_dir }: Settings, log: Log, ownKey: Uint8Array): Promise<Sealer> {
  if (store.kind === 'sqlite' || cluster.secret === undefined) return new AesSealer(ownKey);
  const secret = await resolveClusterSecret({ secret: cluster.secret, addresses: [], dataDir: data_dir, log });
  return secret.sealer([ownKey]);
}

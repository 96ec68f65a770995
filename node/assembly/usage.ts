import { join } from 'node:path';
import type { Mesh } from '../../cluster/contract.ts';
import type { Log } from '../../kit/log.ts';
import { requestId } from '../../kit/random.ts';
import type { Settings } from '../config/index.ts';
import type { NodeFacts } from '../http/dependencies.ts';
import type { StoreNumbers } from '../metrics/contract.ts';
import type { KeySum, UsageStore } from '../store/contract.ts';
import type { RecorderReading, UsageDesk, UsageRecorder } from '../usage/contract.ts';
import { drainMs } from '../usage/limits.ts';
import { LossLog } from '../usage/loss-log.ts';
import { ClusterUsage } from '../usage/mesh/cluster-usage.ts';
import { Outbox } from '../usage/outbox.ts';
import { Prices } from '../usage/prices.ts';
import { TraceRecorder } from '../usage/recorder.ts';
import { Retention } from '../usage/retention.ts';
import { SpillFolder } from '../usage/spill-folder.ts';
import { nodeFolderOf } from './mesh/node-identity.ts';
import { openUsageStore } from './usage-store.ts';

export interface UsageParts {
  readonly settings: Settings;
  readonly node: NodeFacts;
  readonly log: Log;
  readonly mesh: Pick<Mesh, 'self' | 'members' | 'leadership' | 'post' | 'records' | 'sealer'>;
  /** Absent: as the settings say. Closed with the rest. */
  readonly store?: UsageStore;
}

export interface MadeUsage {
  readonly recorder: UsageRecorder;
  readonly prices: Prices;
  readonly desk: UsageDesk;
  numbers(): StoreNumbers;
  /** Undefined where a database server has it. */
  readonly backUp: ((path: string) => Promise<void>) | undefined;
  /** What this node has in the store since then, by key; without what is spilled at present. */
  sums(fromMs: number): Promise<readonly KeySum[]>;
  /** Takes over settings that were read again. */
  reconfigure(settings: Settings): void;
  /** Writes what was recorded, or spills it. Call it once no request is under way. */
  stop(): Promise<void>;
}

/** Traces, usage and prices of a node. Reads what earlier processes spilled, and begins to write it. */
export async function makeUsage(parts: UsageParts): Promise<MadeUsage> {
  const { settings, node, log, mesh } = parts;
  const { clock, random } = node;
  const folder = nodeFolderOf(settings);
  const store = parts.store ?? (await openUsageStore(settings, { clock, random, log }));
  let { usage } = settings;
  const losses = new LossLog(clock, log);
  const spill = new SpillFolder({
    folder: join(folder, 'spill'),
    log,
    bytesMax: () => usage.spill_max,
  });
  await spill.load();
  const outbox = new Outbox({ clock, random, log, store, spill, losses });
  const recorder = new TraceRecorder({
    clock,
    sealer: mesh.sealer,
    node: node.id,
    startMark: requestId(random),
    onBatch: (batch) => outbox.add(batch),
    onLost: (traces, prompts) => losses.add(traces, prompts),
  });
  const reading = (): RecorderReading => {
    const outside = outbox.reading();
    return { ...outside, waiting: recorder.waiting + outside.waiting, lostTraces: losses.traces };
  };
  const prices = new Prices({ records: mesh.records, clock, configured: settings.prices });
  const retention = new Retention({
    clock,
    random,
    log,
    store,
    isLeader: () => mesh.leadership.isSelf,
    settings: usage,
  });
  outbox.start();
  retention.start();
  return {
    recorder,
    prices,
    desk: new ClusterUsage({ mesh, store, clock, log, reading }),
    backUp: store.backupTo?.bind(store),
    sums: (fromMs) => store.sums(node.id, fromMs),
    numbers: () => ({ ...reading(), size: retention.size }),
    reconfigure(next) {
      usage = next.usage;
      prices.reconfigure(next.prices);
      retention.reconfigure(next.usage);
    },
    async stop() {
      retention.stop();
      recorder.stop();
      await outbox.stop(drainMs);
      await store.close();
    },
  };
}

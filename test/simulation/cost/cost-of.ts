import { messagePackCodec } from '../../../cluster/post/message-pack-codec.ts';
import { timings } from '../../../cluster/timing.ts';
import { drawPlan, type Misfortunes, type Plan } from '../plan.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { World } from '../world/world.ts';
import { startFormed } from './formed-mesh.ts';

export interface Traffic {
  /** Frames, questions and answers that a node sends in a second. */
  readonly messages: number;
  readonly bytes: number;
  /** CPU of a node in a second of its time, the simulator's own share included. */
  readonly cpuMs: number;
}

export interface Cost {
  readonly nodes: number;
  /** Nothing changes; each has said something of itself, which all know. */
  readonly idle: Traffic;
  /** While each node changes its own state twice a second. */
  readonly load: Traffic;
  /** Virtual time until the last node heard of one urgent change; undefined when it was not within the time. */
  readonly spreadMs: number | undefined;
  readonly heapBytesPerNode: number;
  /** The most that the process of the measurement had in memory. */
  readonly rssBytes: number;
  /** Virtual seconds that were measured, of each. */
  readonly measuredSeconds: number;
  /** It began as a mesh that was there, without the watch over silent connections. */
  readonly isFormed: boolean;
}

/** Larger ones begin formed. */
const startedMax = 150;
const spreadMaxMs = 10_000;
const changePeriodMs = 500;

interface Times {
  readonly startMs: number;
  readonly loadSettleMs: number;
  /** Until everyone knows what everyone said last. */
  readonly quietMs: number;
  readonly measureMs: number;
}

const started: Times = { startMs: 12_000, loadSettleMs: 2000, quietMs: 10_000, measureMs: 10_000 };
/** Shorter, since a second of a thousand nodes is one of a hundred thousand messages. */
const formed: Times = { startMs: 5000, loadSettleMs: 2000, quietMs: 12_000, measureMs: 5000 };

const none: Misfortunes = {
  killMeanMs: undefined,
  fadingMeanMs: undefined,
  blackoutMeanMs: undefined,
  powerLossRate: 0,
  diskLossRate: 0,
  pauseMeanMs: undefined,
  pauseMaxMs: 0,
  slowLoopMeanMs: undefined,
  partitionMeanMs: undefined,
  oneWayMeanMs: undefined,
  bridgeMeanMs: undefined,
  flappingMeanMs: undefined,
  breakMeanMs: undefined,
  slowPeerMeanMs: undefined,
  wallJumpMeanMs: undefined,
  wallJumpMaxMs: 0,
  leaveMeanMs: undefined,
  joinMeanMs: undefined,
  removalMeanMs: undefined,
  hostileMeanMs: undefined,
};

/** What a mesh of so many nodes costs each of them, in messages as they are on the wire. */
export function costOf(nodes: number): Cost {
  const before = heapBytes();
  const isFormed = nodes > startedMax;
  const plan = calmPlan(nodes);
  const world = new World({ plan, codec: messagePackCodec, isCalm: true, hasNoWork: true, isFormed });
  const times = isFormed ? formed : started;
  if (isFormed) startFormed(world);
  else world.begin();
  world.advance(times.startMs);
  const spreadMs = spreadOf(world);
  const load = loadOf(world, times);
  world.advance(times.quietMs);
  const idle = trafficOf(world, times);
  return {
    nodes,
    idle,
    load,
    spreadMs,
    heapBytesPerNode: (heapBytes() - before) / nodes,
    rssBytes: process.resourceUsage().maxRSS * 1024,
    measuredSeconds: times.measureMs / 1000,
    isFormed,
  };
}

function loadOf(world: World, times: Times): Traffic {
  const ends = world.running().map(beginLoad);
  world.advance(times.loadSettleMs);
  const load = trafficOf(world, times);
  for (const end of ends) end();
  return load;
}

/** Returns what ends it. */
function beginLoad({ clock, host, parts }: SimProcess): () => void {
  let count = 0;
  let timer = clock.after(host.random.next() * changePeriodMs, () => {
    timer = clock.every(changePeriodMs, () => parts.gossip.set('load/a', count++));
  });
  return () => timer.cancel();
}

function trafficOf(world: World, { measureMs }: Times): Traffic {
  const before = { ...world.network.carried };
  const cpuBefore = process.cpuUsage();
  world.advance(measureMs);
  const { user, system } = process.cpuUsage(cpuBefore);
  const { messages, bytes } = world.network.carried;
  const share = (count: number) => count / world.hosts.length / (measureMs / 1000);
  return {
    messages: share(messages - before.messages),
    bytes: share(bytes - before.bytes),
    cpuMs: share((user + system) / 1000),
  };
}

function calmPlan(nodes: number): Plan {
  const plan = drawPlan({ seed: 1, nodes, virtualMs: 600_000 });
  const weather = {
    ...plan.weather,
    latencyMinMs: 0.5,
    latencyMeanMs: 0.5,
    latencyMaxMs: 5,
    stallRate: 0,
    lossRate: 0,
    duplicationRate: 0,
    reorderRate: 0,
  };
  return {
    ...plan,
    network: 'lan',
    timing: timings.lan,
    weather,
    misfortunes: none,
    // A founding asks all of all: another square that is not to be measured.
    hasStaticVoters: nodes > startedMax,
    wallSkewMaxMs: 10,
  };
}

/** One urgent change of the first node's own state, until all have it. */
function spreadOf(world: World): number | undefined {
  const [first, ...others] = world.running();
  if (first === undefined) return undefined;
  const missing = new Set(others.map(({ nodeId }) => nodeId));
  for (const { nodeId, parts } of others) parts.gossip.watch('cost/', () => missing.delete(nodeId));
  const startedMs = world.queue.nowMs;
  first.turn(() => first.parts.gossip.set('cost/x', { serial: first.serial, count: 0 }, true));
  while (missing.size > 0 && world.queue.nowMs < startedMs + spreadMaxMs) world.advance(1);
  return missing.size === 0 ? world.queue.nowMs - startedMs : undefined;
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

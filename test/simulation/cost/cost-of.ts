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
}

export interface Cost {
  readonly nodes: number;
  readonly idle: Traffic;
  /** While each node changes its own state twice a second. */
  readonly load: Traffic;
  /** Virtual time until the last node heard of one urgent change; undefined when it was not within the time. */
  readonly spreadMs: number | undefined;
  readonly heapBytesPerNode: number;
}

/** Larger ones begin formed. */
const startedMax = 150;
const spreadMaxMs = 10_000;
const changePeriodMs = 500;

interface Times {
  readonly settleMs: number;
  readonly measureMs: number;
}

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
  const times = isFormed ? { settleMs: 3000, measureMs: 4000 } : { settleMs: 12_000, measureMs: 10_000 };
  if (isFormed) startFormed(world);
  else world.begin();
  const idle = trafficOf(world, times);
  const spreadMs = spreadOf(world);
  for (const process of world.running()) beginLoad(process);
  const load = trafficOf(world, { ...times, settleMs: 2000 });
  return { nodes, idle, load, spreadMs, heapBytesPerNode: (heapBytes() - before) / nodes };
}

function beginLoad({ clock, host, parts }: SimProcess): void {
  let count = 0;
  clock.after(host.random.next() * changePeriodMs, () =>
    clock.every(changePeriodMs, () => parts.gossip.set('load/a', count++)),
  );
}

function trafficOf(world: World, { settleMs, measureMs }: Times): Traffic {
  world.advance(settleMs);
  const before = { ...world.network.carried };
  world.advance(measureMs);
  const { messages, bytes } = world.network.carried;
  const share = (count: number) => count / world.hosts.length / (measureMs / 1000);
  return { messages: share(messages - before.messages), bytes: share(bytes - before.bytes) };
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

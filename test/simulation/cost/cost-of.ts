import { messagePackCodec } from '../../../cluster/post/message-pack-codec.ts';
import { timings } from '../../../cluster/timing.ts';
import { drawPlan, type Misfortunes, type Plan } from '../plan.ts';
import { World } from '../world/world.ts';

export interface Cost {
  readonly nodes: number;
  readonly load: 'idle' | 'load';
  readonly framesPerNodeSecond: number;
  readonly bytesPerNodeSecond: number;
  /** Virtual time until the last node heard of one change; undefined when it was not within the time. */
  readonly spreadMs: number | undefined;
  readonly heapBytesPerNode: number;
}

const settleMs = 20_000;
const measureMs = 10_000;

const none: Misfortunes = {
  killMeanMs: undefined,
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
export function costOf(nodes: number, load: Cost['load']): Cost {
  const before = heapBytes();
  const world = new World({ plan: calmPlan(nodes), codec: messagePackCodec, isCalm: true, hasNoWork: load === 'idle' });
  world.begin();
  world.advance(settleMs);
  const [frames, bytes] = traffic(world);
  world.advance(measureMs);
  const [framesAfter, bytesAfter] = traffic(world);
  const heapBytesPerNode = (heapBytes() - before) / nodes;
  const share = (count: number) => count / nodes / (measureMs / 1000);
  const spreadMs = spreadOf(world);
  return {
    nodes,
    load,
    framesPerNodeSecond: share(framesAfter - frames),
    bytesPerNodeSecond: share(bytesAfter - bytes),
    spreadMs,
    heapBytesPerNode,
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
    hasStaticVoters: false,
    wallSkewMaxMs: 10,
  };
}

function traffic(world: World): [frames: number, bytes: number] {
  const all = world.running().map(({ transport }) => transport.traffic);
  return [sum(all.map((each) => each.framesSent)), sum(all.map((each) => each.bytesSent))];
}

/** One urgent change of the first node's own state, until all have it. */
function spreadOf(world: World): number | undefined {
  const [first, ...others] = world.running();
  if (first === undefined) return undefined;
  const missing = new Set(others.map(({ nodeId }) => nodeId));
  for (const { nodeId, parts } of others) parts.gossip.watch('cost/', () => missing.delete(nodeId));
  const startedMs = world.queue.nowMs;
  first.turn(() => first.parts.gossip.set('cost/x', { serial: first.serial, count: 0 }, true));
  while (missing.size > 0 && world.queue.nowMs < startedMs + measureMs) world.advance(1);
  return missing.size === 0 ? world.queue.nowMs - startedMs : undefined;
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

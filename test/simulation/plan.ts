import type { NetworkWeather } from '../../cluster/transport/memory.ts';
import type { Network, Timing } from '../../cluster/timing.ts';
import { timings } from '../../cluster/timing.ts';
import type { Random } from '../../kit/random.ts';
import type { DiskHabits } from './world/disk.ts';
import { between, randomStream } from './world/streams.ts';

/** How often each misfortune comes, as the mean time between two of them; undefined: never in this seed. */
export interface Misfortunes {
  readonly killMeanMs: number | undefined;
  /** The power of all hosts fails at once. */
  readonly blackoutMeanMs: number | undefined;
  /** Of the killed, those whose whole host is gone, so that no kernel tells the others. */
  readonly powerLossRate: number;
  readonly diskLossRate: number;
  readonly pauseMeanMs: number | undefined;
  readonly pauseMaxMs: number;
  readonly slowLoopMeanMs: number | undefined;
  readonly partitionMeanMs: number | undefined;
  readonly oneWayMeanMs: number | undefined;
  readonly bridgeMeanMs: number | undefined;
  readonly flappingMeanMs: number | undefined;
  readonly breakMeanMs: number | undefined;
  readonly slowPeerMeanMs: number | undefined;
  readonly wallJumpMeanMs: number | undefined;
  /** How far from true time a jump may bring a wall clock. */
  readonly wallJumpMaxMs: number;
  readonly leaveMeanMs: number | undefined;
  readonly joinMeanMs: number | undefined;
  readonly removalMeanMs: number | undefined;
  readonly hostileMeanMs: number | undefined;
}

/** What a world is like: drawn from its seed. */
export interface Plan {
  readonly seed: number;
  readonly nodes: number;
  readonly virtualMs: number;
  /** Misfortunes end here; what follows is for healing. */
  readonly healAtMs: number;
  /** Everything must have converged so long after. */
  readonly convergeMs: number;
  readonly network: Network;
  readonly timing: Timing;
  readonly weather: NetworkWeather;
  readonly isEncoded: boolean;
  readonly hasStaticVoters: boolean;
  readonly clockRateMax: number;
  readonly wallSkewMaxMs: number;
  readonly disk: DiskHabits;
  readonly misfortunes: Misfortunes;
  readonly issuer: { readonly answerMeanMs: number; readonly lateRate: number; readonly lostRate: number };
}

export interface PlanOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly virtualMs: number;
}

/** Two clocks each so far from true time are within what records bear; further apart, they refuse each other's. */
export const wallSkewUsualMs = 4500;

/** Swarm testing: each seed has a few misfortunes and not the others, each of its own strength. */
export function drawPlan({ seed, nodes, virtualMs }: PlanOptions): Plan {
  const random = randomStream(seed, 'plan');
  const network = drawNetwork(random);
  const timing = drawTiming(network);
  return {
    seed,
    nodes,
    virtualMs,
    healAtMs: virtualMs * 0.6,
    convergeMs: virtualMs * 0.4,
    network,
    timing,
    weather: drawWeather(random, network),
    isEncoded: random.next() < 0.1,
    hasStaticVoters: random.next() < 0.3,
    clockRateMax: random.next() < 0.5 ? 0.0002 : 0.01,
    wallSkewMaxMs: random.next() < 0.3 ? 0 : between(random, 10, wallSkewUsualMs),
    disk: {
      writeMinMs: 0.1,
      writeMeanMs: random.next() < 0.5 ? 1 : between(random, 5, 60),
      failRate: random.next() < 0.2 ? 0.02 : 0,
    },
    misfortunes: { ...drawMisfortunes(random, virtualMs), blackoutMeanMs: drawBlackout(seed, virtualMs) },
    issuer: {
      answerMeanMs: between(random, 50, 1500),
      lateRate: random.next() < 0.5 ? 0.2 : 0,
      lostRate: random.next() < 0.3 ? 0.05 : 0,
    },
  };
}

function drawNetwork(random: Random): Network {
  const at = random.next();
  if (at < 0.2) return 'loopback';
  return at < 0.9 ? 'lan' : 'wan';
}

/** The times that are minutes and hours in the product are seconds here, so that a minute sees their end. */
function drawTiming(network: Network): Timing {
  return {
    ...timings[network],
    deadKeepMs: 12_000,
    leftVoterKeepMs: 15_000,
    deadVoterKeepMs: 25_000,
    doubtMs: 6000,
    redialMaxMs: 3000,
    seedPeriodMs: 3000,
  };
}

function drawWeather(random: Random, network: Network): NetworkWeather {
  const isHarsh = random.next() < 0.15;
  const isStalling = random.next() < 0.25;
  const meanMs = { loopback: 0.1, lan: 1, wan: 60 }[network];
  return {
    latencyMinMs: meanMs / 2,
    latencyMeanMs: meanMs * between(random, 0.2, 2),
    latencyMaxMs: meanMs * 10,
    stallRate: isStalling ? 0.01 : 0,
    stallMaxMs: { loopback: 100, lan: 150, wan: 300 }[network],
    lossRate: isHarsh ? between(random, 0.001, 0.05) : 0,
    duplicationRate: isHarsh ? between(random, 0, 0.1) : 0,
    reorderRate: isHarsh ? between(random, 0, 0.1) : 0,
  };
}

/** From a stream of its own, so that the other seeds stay as they are. */
function drawBlackout(seed: number, virtualMs: number): number | undefined {
  const random = randomStream(seed, 'blackout plan');
  return random.next() < 0.1 ? virtualMs * between(random, 0.1, 0.4) : undefined;
}

function drawMisfortunes(random: Random, virtualMs: number): Omit<Misfortunes, 'blackoutMeanMs'> {
  const sometimes = (chance: number) => (random.next() < chance ? virtualMs * between(random, 0.06, 0.4) : undefined);
  return {
    killMeanMs: sometimes(0.5),
    powerLossRate: random.next() < 0.5 ? 0 : 0.5,
    diskLossRate: random.next() < 0.15 ? 0.3 : 0,
    pauseMeanMs: sometimes(0.35),
    pauseMaxMs: between(random, 500, 12_000),
    slowLoopMeanMs: sometimes(0.25),
    partitionMeanMs: sometimes(0.4),
    oneWayMeanMs: sometimes(0.2),
    bridgeMeanMs: sometimes(0.15),
    flappingMeanMs: sometimes(0.15),
    breakMeanMs: sometimes(0.4),
    slowPeerMeanMs: sometimes(0.1),
    wallJumpMeanMs: sometimes(0.3),
    wallJumpMaxMs: random.next() < 0.7 ? between(random, 100, wallSkewUsualMs) : between(random, wallSkewUsualMs, 9000),
    leaveMeanMs: sometimes(0.2),
    joinMeanMs: sometimes(0.2),
    removalMeanMs: sometimes(0.05),
    hostileMeanMs: sometimes(0.1),
  };
}

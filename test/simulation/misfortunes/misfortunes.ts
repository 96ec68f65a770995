import type { Random } from '../../../kit/random.ts';
import { exponentialMs, randomStream } from '../world/streams.ts';
import type { World } from '../world/world.ts';
import { bridge, fade, flap, isolateOneWay, partition } from './cuts.ts';
import { lie } from './liar.ts';
import { forget, join, leave } from './people.ts';
import { blackout, breakConnection, jumpWall, kill, pause, slowLoop, slowPeer } from './troubles.ts';

/** One thing that goes wrong, to whom chance has it, and later ends. */
export type Misfortune = (world: World, random: Random) => void;

/** Misfortunes begin once there is something to disturb, sometimes while it is only being made. */
const calmMs = 500;

/** Lets each misfortune of the plan come again and again until all heals. */
export function beginMisfortunes(world: World): void {
  const { misfortunes } = world.plan;
  const all: readonly (readonly [name: string, meanMs: number | undefined, misfortune: Misfortune])[] = [
    ['kill', misfortunes.killMeanMs, kill],
    ['blackout', misfortunes.blackoutMeanMs, blackout],
    ['pause', misfortunes.pauseMeanMs, pause],
    ['slow loop', misfortunes.slowLoopMeanMs, slowLoop],
    ['partition', misfortunes.partitionMeanMs, partition],
    ['one way', misfortunes.oneWayMeanMs, isolateOneWay],
    ['bridge', misfortunes.bridgeMeanMs, bridge],
    ['flapping', misfortunes.flappingMeanMs, flap],
    ['break', misfortunes.breakMeanMs, breakConnection],
    ['slow peer', misfortunes.slowPeerMeanMs, slowPeer],
    ['fading', misfortunes.fadingMeanMs, fade],
    ['wall jump', misfortunes.wallJumpMeanMs, jumpWall],
    ['leave', misfortunes.leaveMeanMs, leave],
    ['join', misfortunes.joinMeanMs, join],
    ['removal', misfortunes.removalMeanMs, forget],
    ['hostile', misfortunes.hostileMeanMs, lie],
  ];
  for (const [name, meanMs, misfortune] of all) {
    if (meanMs !== undefined) repeat(world, randomStream(world.plan.seed, name), meanMs, misfortune);
  }
}

function repeat(world: World, random: Random, meanMs: number, misfortune: Misfortune): void {
  const next = () => {
    world.queue.after(calmMs + exponentialMs(random, meanMs), () => {
      if (world.isQuiet) return;
      misfortune(world, random);
      next();
    });
  };
  next();
}

import type { Random } from '../../../kit/random.ts';
import type { Host } from '../world/host.ts';
import { between, exponentialMs, pick } from '../world/streams.ts';
import type { World } from '../world/world.ts';
import { awayMs } from './standstill.ts';
import { makeSlow, upHosts } from './troubles.ts';

type Way = readonly [from: Host, to: Host];

/** Two groups that do not reach each other: any split, so minorities and majorities on both sides of the leader. */
export function partition(world: World, random: Random): void {
  const sides = world.hosts.map(() => random.next() < 0.5);
  const ways = waysBetween(world, (from, to) => sides[from.index] !== sides[to.index]);
  cutFor(world, ways, durationMs(random));
}

/** One that is not heard, or does not hear: by all or by one. */
export function isolateOneWay(world: World, random: Random): void {
  const host = pick(random, world.hosts);
  const other = random.next() < 0.5 ? pick(random, world.hosts) : undefined;
  const isDeaf = random.next() < 0.5;
  const ways = waysBetween(world, (from, to) => {
    const [victim, peer] = isDeaf ? [to, from] : [from, to];
    return victim === host && (other === undefined || other === peer);
  });
  cutFor(world, ways, durationMs(random));
}

/** One that hears later and later, and in the end is not heard by anybody. */
export function fade(world: World, random: Random): void {
  const host = pick(random, upHosts(world));
  if (host === undefined) return;
  const [hearingMs, unheardMs] = [between(random, 500, 4000), between(random, 3000, 8000)];
  makeSlow(world, random, host, hearingMs + unheardMs);
  world.queue.after(hearingMs, () => {
    if (!world.isQuiet)
      cutFor(
        world,
        waysBetween(world, (from) => from === host),
        unheardMs,
      );
  });
}

/** Two groups that only one member still reaches. */
export function bridge(world: World, random: Random): void {
  const middle = random.below(world.hosts.length);
  const sides = world.hosts.map((_, index) => (index === middle ? undefined : random.next() < 0.5));
  const ways = waysBetween(world, (from, to) => {
    const [left, right] = [sides[from.index], sides[to.index]];
    return left !== undefined && right !== undefined && left !== right;
  });
  cutFor(world, ways, durationMs(random));
}

/** A way that comes and goes. */
export function flap(world: World, random: Random): void {
  const [left, right] = [pick(random, world.hosts), pick(random, world.hosts)];
  if (left === undefined || right === undefined || left === right) return;
  const ways: Way[] = [
    [left, right],
    [right, left],
  ];
  let rounds = 2 + random.below(8);
  const round = () => {
    if (rounds-- === 0 || world.isQuiet) return;
    const cutMs = between(random, 50, 1500);
    cutFor(world, ways, cutMs);
    world.queue.after(cutMs + between(random, 50, 1500), round);
  };
  round();
}

function durationMs(random: Random): number {
  return random.next() < 0.3 ? between(random, 100, 2000) : 1000 + exponentialMs(random, 9000);
}

function waysBetween(world: World, isCut: (from: Host, to: Host) => boolean): Way[] {
  return world.hosts.flatMap((from) =>
    world.hosts.filter((to) => to !== from && isCut(from, to)).map((to): Way => [from, to]),
  );
}

/** Cuts ways that are whole, and mends them later; a second cut of the same way waits for nobody. */
function cutFor(world: World, ways: readonly Way[], forMs: number): void {
  const whole = ways.filter(([from, to]) => !world.network.isCut(from.place, to.place));
  if (whole.length === 0) return;
  const beginMs = world.queue.nowMs;
  world.counts.cuts++;
  world.note(
    () => `cut: ${whole.map(([from, to]) => `${from.nodeId}>${to.nodeId}`).join(' ')} for ${Math.round(forMs)} ms`,
  );
  for (const [from, to] of whole) {
    world.network.cut(from.place, to.place);
    for (const host of [from, to]) host.trouble(beginMs);
  }
  world.queue.after(forMs, () => {
    noteReturns(world, whole, beginMs);
    for (const [from, to] of whole) {
      world.network.mend(from.place, to.place);
      for (const host of [from, to]) host.relieve(world.queue.nowMs);
    }
  });
}

/** Those that this cut kept from everybody for long were away. */
function noteReturns(world: World, ways: readonly Way[], beginMs: number): void {
  if (world.queue.nowMs - beginMs < 2 * awayMs) return;
  for (const host of world.hosts) {
    const isAlone = world.hosts.every((other) => other === host || isCutBothWays(ways, host, other));
    if (!isAlone) continue;
    host.awayFromMs = beginMs;
    host.awayUntilMs = world.queue.nowMs;
  }
}

function isCutBothWays(ways: readonly Way[], left: Host, right: Host): boolean {
  const has = (from: Host, to: Host) => ways.some((way) => way[0] === from && way[1] === to);
  return has(left, right) && has(right, left);
}

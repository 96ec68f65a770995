import type { Random } from '../../../kit/random.ts';
import type { Host } from '../world/host.ts';
import { between, exponentialMs, pick } from '../world/streams.ts';
import type { World } from '../world/world.ts';
import { hold, release } from './standstill.ts';

/** Hosts whose process runs and moves. */
export function upHosts(world: World): Host[] {
  return world.hosts.filter(({ process, isHeld }) => process !== undefined && !process.isEnded && !isHeld);
}

/** SIGKILL or a power cut, and a restart after a while, with or without the disk. */
export function kill(world: World, random: Random): void {
  const host = pick(random, upHosts(world));
  const { misfortunes } = world.plan;
  const isTold = random.next() >= misfortunes.powerLossRate;
  const isDiskLost = random.next() < misfortunes.diskLossRate && mayLoseDisk(world);
  const downMs = random.next() < 0.4 ? between(random, 50, 800) : exponentialMs(random, 8000);
  if (host?.process === undefined) return;
  world.counts.kills++;
  world.note(
    () => `${host.nodeId} is killed${isTold ? '' : ' with its host'}${isDiskLost ? ', its disk is lost' : ''}`,
  );
  host.process.end(isTold);
  host.trouble(world.queue.nowMs);
  if (isDiskLost) host.replaceDisk(world.queue.nowMs);
  world.queue.after(downMs, () => {
    host.relieve(world.queue.nowMs);
    if (host.isGone || host.process?.isEnded === false) return;
    world.counts.restarts++;
    world.start(host);
  });
}

/** The power fails everywhere, and comes back to one after the other. Disks keep what was written. */
export function blackout(world: World, random: Random): void {
  world.note(() => 'the power fails');
  for (const host of world.hosts) {
    const { process } = host;
    const downMs = between(random, 100, 3000);
    if (process === undefined || process.isEnded) continue;
    world.counts.kills++;
    if (host.isHeld) release(world, host);
    process.end(false);
    host.trouble(world.queue.nowMs);
    world.queue.after(downMs, () => {
      host.relieve(world.queue.nowMs);
      if (host.isGone || host.process?.isEnded === false) return;
      world.counts.restarts++;
      world.start(host);
    });
  }
}

/** A majority of disks must live, or nothing could be remembered. */
function mayLoseDisk(world: World): boolean {
  const lost = world.founders.filter(
    ({ diskLostMs, isGone, isHostile }) => diskLostMs > 0 || isGone || isHostile,
  ).length;
  return 2 * (lost + 1) < world.plan.nodes;
}

/** SIGSTOP and SIGCONT. */
export function pause(world: World, random: Random): void {
  standStill(world, random, between(random, 100, world.plan.misfortunes.pauseMaxMs));
}

/** An event loop that is busy for a while. */
export function slowLoop(world: World, random: Random): void {
  const host = pick(random, upHosts(world));
  if (host === undefined) return;
  let rounds = 3 + random.below(8);
  host.trouble(world.queue.nowMs);
  const round = () => {
    const isOver = rounds-- === 0 || world.isQuiet || host.process?.isEnded !== false || host.isHeld;
    if (isOver) {
      host.relieve(world.queue.nowMs);
      return;
    }
    hold(world, host);
    world.queue.after(between(random, 20, 400), () => {
      if (host.isHeld) release(world, host);
      world.queue.after(between(random, 1, 50), round);
    });
  };
  round();
}

function standStill(world: World, random: Random, forMs: number): void {
  const host = pick(random, upHosts(world));
  if (host === undefined) return;
  world.counts.pauses++;
  host.trouble(world.queue.nowMs);
  hold(world, host);
  world.queue.after(forMs, () => {
    host.relieve(world.queue.nowMs);
    if (host.isHeld) release(world, host);
  });
}

/** A connection breaks; often only one side is told. */
export function breakConnection(world: World, random: Random): void {
  const [left, right] = [pick(random, world.hosts), pick(random, world.hosts)];
  if (left === undefined || right === undefined || left === right) return;
  const told = random.below(4);
  world.note(() => `the connection of ${left.nodeId} and ${right.nodeId} breaks`);
  world.network.breakConnections(left.place, right.place, told !== 1, told !== 2);
}

/** A peer that takes little: what is sent to it waits, and is dropped in the end. */
export function slowPeer(world: World, random: Random): void {
  const host = pick(random, upHosts(world));
  if (host !== undefined) makeSlow(world, random, host, between(random, 1000, 8000));
}

/** Handles of messages are so much shorter than messages. */
const handleShare = 1 / 40;

export function makeSlow(world: World, random: Random, host: Host, forMs: number): void {
  const bytesPerSecond = between(random, 50, 2000) * (world.plan.isEncoded ? 1 : handleShare);
  host.trouble(world.queue.nowMs);
  world.network.throttle(host.place, bytesPerSecond);
  world.queue.after(forMs, () => {
    host.relieve(world.queue.nowMs);
    endSlowness(world, host);
  });
}

/** What still waits for it would take minutes: its connections end, as the operating system would have it. */
export function endSlowness(world: World, host: Host): void {
  if (!world.network.isThrottled(host.place)) return;
  world.network.throttle(host.place, undefined);
  for (const other of world.hosts) world.network.breakConnections(host.place, other.place, true, true);
}

/** NTP, or a person, sets the clock. */
export function jumpWall(world: World, random: Random): void {
  const host = pick(random, world.hosts);
  const { wallJumpMaxMs } = world.plan.misfortunes;
  if (host === undefined) return;
  const byMs = between(random, -wallJumpMaxMs, wallJumpMaxMs) - host.wallOffsetMs;
  world.note(() => `the wall clock of ${host.nodeId} jumps by ${Math.round(byMs)} ms`);
  host.wallOffsetMs += byMs;
  host.process?.clock.jumpWall(byMs);
}

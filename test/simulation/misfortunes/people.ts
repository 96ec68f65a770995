import type { Random } from '../../../kit/random.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { between, pick } from '../world/streams.ts';
import type { World } from '../world/world.ts';
import { upHosts } from './troubles.ts';

/** As many as may go for good before the rest is no majority of those of the beginning. */
function mayGo(world: World): boolean {
  const gone = world.founders.filter(
    ({ isGone, isHostile, diskLostMs }) => isGone || isHostile || diskLostMs > 0,
  ).length;
  return 2 * (gone + 1) < world.plan.nodes;
}

/** SIGTERM: it hands over, says that it leaves, and goes; for good, or to come back as in a rolling restart. */
export function leave(world: World, random: Random): void {
  const host = pick(random, upHosts(world));
  const isForGood = random.next() < 0.4 && mayGo(world);
  const awayMs = between(random, 500, 6000);
  if (host?.process === undefined || host.isLeaving) return;
  const { process } = host;
  world.note(() => `${host.nodeId} leaves${isForGood ? ' for good' : ''}`);
  host.isGone = isForGood;
  host.isLeaving = true;
  host.trouble(world.queue.nowMs);
  sayLeaving(world, process);
  world.queue.after(2000 + awayMs, () => {
    host.relieve(world.queue.nowMs);
    host.isLeaving = false;
    // It was given its time, as by a supervisor.
    if (!process.isEnded) process.end(true);
    if (!host.isGone && host.process?.isEnded === true) world.start(host);
  });
}

function sayLeaving(world: World, process: SimProcess): void {
  process.turn(() => {
    process.parts.election.resign(() => {
      if (process.isEnded) return;
      process.parts.quotas.close(() => {
        if (process.isEnded) return;
        process.parts.membership.leave(() => world.queue.after(0, () => process.turn(() => process.stop())));
      });
    });
  });
}

/** A new node, told of the first ones. */
export function join(world: World): void {
  if (world.hosts.length >= world.plan.nodes * 2) return;
  const host = world.addHost();
  world.note(() => `${host.nodeId} joins`);
  world.start(host);
}

/** A person says that a dead one will not come back. */
export function forget(world: World, random: Random): void {
  const host = pick(random, upHosts(world));
  const asked = pick(random, upHosts(world));
  if (host === undefined || host === asked || host.isLeaving || asked?.process === undefined || !mayGo(world)) return;
  const { process } = asked;
  world.note(() => `${host.nodeId} is killed for good, and ${asked.nodeId} is told so`);
  host.isGone = true;
  host.trouble(world.queue.nowMs);
  host.process?.end(true);
  world.queue.after(3000, () =>
    process.turn(() =>
      process.parts.election.removeVoter(host.nodeId, false, (refusal) =>
        process.note(() => `removal: ${refusal ?? 'done'}`),
      ),
    ),
  );
}

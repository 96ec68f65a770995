import type { SimProcess } from '../world/sim-process.ts';
import type { World } from '../world/world.ts';

/** Timers of one process: a few a member, and one for each question, intent and confirmation under way. */
const timersOfMemberMax = 40;
const timersMax = 200;
/** Members known: those of now, and the dead that are still kept. */
const membersOfHostMax = 2;

/** Names that the liar invents; they are members until nobody heard of them. */
const inventedMax = 40;

/** Looked at now and then, since a leak takes time. */
export function checkLimits(world: World): void {
  for (const process of world.running()) {
    const excess = excessOf(process, world.hosts.length, world.liar === undefined ? 0 : inventedMax);
    if (excess !== undefined) world.fail('everything is bounded', `${process.nodeId} has ${excess}`);
  }
  const connectionsMax = 4 * world.hosts.length * world.hosts.length;
  if (world.network.connections > connectionsMax) {
    world.fail('everything is bounded', `${world.network.connections} connections`);
  }
}

function excessOf({ clock, parts, host }: SimProcess, hosts: number, invented: number): string | undefined {
  if (host.isHeld) return undefined;
  if (clock.pending > timersMax + timersOfMemberMax * (hosts + invented)) return `${clock.pending} timers`;
  if (parts.membership.all.length > membersOfHostMax * hosts + invented)
    return `${parts.membership.all.length} members`;
  return undefined;
}

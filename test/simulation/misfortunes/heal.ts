import type { World } from '../world/world.ts';
import { release } from './standstill.ts';

/** Ends every misfortune: from here on all must become one again. */
export function heal(world: World): void {
  world.note(() => 'everything heals');
  world.network.mendAll();
  for (const host of world.hosts) {
    world.network.throttle(host.place, undefined);
    host.isHostile = false;
    if (host.isHeld) release(world, host);
    if (!host.isGone && (host.process === undefined || host.process.isEnded)) world.start(host);
  }
}

import type { World } from '../world/world.ts';
import { release } from './standstill.ts';
import { endSlowness } from './troubles.ts';

/** Ends every misfortune: from here on all must become one again. */
export function heal(world: World): void {
  world.note(() => 'everything heals');
  world.network.mendAll();
  world.network.weather = { ...world.network.weather, stallRate: 0, lossRate: 0, duplicationRate: 0, reorderRate: 0 };
  for (const host of world.hosts) {
    endSlowness(world, host);
    if (host.isHostile) {
      host.isGone = true;
      host.process?.end(true);
    }
    if (host.isHeld) release(world, host);
    if (!host.isGone && (host.process === undefined || host.process.isEnded)) world.start(host);
  }
}

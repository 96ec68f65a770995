import type { Host } from '../world/host.ts';
import type { World } from '../world/world.ts';

/** A node that did not move for so long must compare its records before it serves; shorter, and nothing was missed. */
export const awayMs = 6000;

/** The process stands still: no timer, no message, while time goes on and its kernel answers. */
export function hold(world: World, host: Host): void {
  world.note(() => `${host.nodeId} stands still`);
  host.isHeld = true;
  host.heldSinceMs = world.queue.nowMs;
  world.network.hold(host.place);
}

export function release(world: World, host: Host): void {
  const heldMs = world.queue.nowMs - host.heldSinceMs;
  world.note(() => `${host.nodeId} moves again after ${Math.round(heldMs)} ms`);
  if (heldMs > awayMs) {
    host.awayFromMs = host.heldSinceMs;
    host.awayUntilMs = world.queue.nowMs;
  }
  host.isHeld = false;
  const isNetworkFirst = host.random.next() < 0.3;
  if (isNetworkFirst) world.network.release(host.place);
  host.process?.wake(heldMs);
  if (!isNetworkFirst) world.network.release(host.place);
}

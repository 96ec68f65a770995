import type { Clock, Timer } from '../../../kit/clock.ts';
import { collectAll } from './collect-all.ts';

/** Joining and the first exchanges with other members are over by then. */
const lookEveryMs = 5_000;

/** A node that is never at rest for two minutes has traffic, and what it has then is no longer from the start. */
const lookCountMax = 24;

/** Share of the time since the last look in which the event loop was busy; an idle member of a mesh has 1 to 4 %. */
const busyShareMax = 0.1;

export interface RestAfterStart {
  clock: Clock;
  node: { readonly inFlight: number };
  /** Share of the time since its last call in which the event loop was busy. */
  busyShare?: () => number;
  collect?: () => void;
}

/**
 * Gives back the memory that only the start needed: loading some thousand files leaves 30 MB of garbage and of room for
 * more, and a node at rest makes too little new garbage for V8 to look soon. Once, since V8 sees to itself after
 * traffic, and only while nothing is under way, because it takes a tenth of a second.
 */
export function restAfterStart({ clock, node, busyShare = loopShare(), collect = collectAll }: RestAfterStart): Timer {
  let looks = 0;
  const timer = clock.every(lookEveryMs, () => {
    const isAtRest = busyShare() < busyShareMax && node.inFlight === 0;
    if (isAtRest || ++looks === lookCountMax) timer.cancel();
    if (isAtRest) collect();
  });
  return timer;
}

function loopShare(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

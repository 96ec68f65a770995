import { decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js';
import type { LoadOrder, LoadOutcome } from './load/contract.ts';
import type { LoadSide } from './load-side.ts';
import { busySecondsOf, cpuSecondsOf } from './process-facts.ts';
import type { RunningTarget } from './running-target.ts';

/** One round of load on one target. Shares are of one core, 0 to 1. */
export interface Sample {
  readonly requestsPerSecond: number;
  readonly eventsPerSecond: number;
  readonly requests: number;
  readonly upstreamRequests: number;
  readonly events: number;
  readonly seconds: number;
  /** CPU time that the target took, in seconds. */
  readonly targetCpuSeconds: number;
  readonly targetShare: number;
  readonly loadShare: number;
  /** What others took of the target's core meanwhile; 0 where the target is not held to a core. */
  readonly othersShare: number;
  readonly errors: number;
  readonly firstError: string | undefined;
  readonly latency: Histogram;
  readonly firstEvent: Histogram;
}

/** Puts a load on a target and reads what both sides spent. */
export async function takeSample(
  side: LoadSide,
  running: RunningTarget,
  order: LoadOrder,
  core: number | undefined,
): Promise<Sample> {
  const before = spent(running, core);
  const outcome = await side.run(order);
  const after = spent(running, core);
  return sampleOf(outcome, after.target - before.target, after.core - before.core);
}

function spent({ pids }: RunningTarget, core: number | undefined): { target: number; core: number } {
  return { target: cpuSecondsOf(pids), core: core === undefined ? 0 : busySecondsOf(core) };
}

function sampleOf(outcome: LoadOutcome, targetCpuSeconds: number, coreSeconds: number): Sample {
  const { seconds, requests, upstreamRequests, events, errors, firstError } = outcome;
  return {
    requestsPerSecond: requests / seconds,
    eventsPerSecond: events / seconds,
    requests,
    upstreamRequests,
    events,
    seconds,
    targetCpuSeconds,
    targetShare: targetCpuSeconds / seconds,
    loadShare: outcome.cpuSeconds / seconds,
    othersShare: Math.max(0, (coreSeconds - targetCpuSeconds) / seconds),
    errors,
    firstError,
    latency: histogram(outcome.latency),
    firstEvent: histogram(outcome.firstEvent),
  };
}

function histogram(encoded: string): Histogram {
  return decodeFromCompressedBase64(encoded, 32, false) as Histogram;
}

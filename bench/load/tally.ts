import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import type { LoadOutcome } from './contract.ts';

/** One minute in microseconds: longer than any run, so that nothing is cut off. */
const latencyMaxUs = 60_000_000;

export function newHistogram(): Histogram {
  return build({ bitBucketSize: 32, highestTrackableValue: latencyMaxUs, numberOfSignificantValueDigits: 3 });
}

/** What the clients alone can tell. */
export type TallyOutcome = Omit<LoadOutcome, 'upstreamRequests'>;

/** Counts what happens in one run of load. Times are milliseconds of `performance.now()`. */
export class Tally {
  requests = 0;
  events = 0;
  errors = 0;
  firstError: string | undefined;
  readonly #latency = newHistogram();
  readonly #firstEvent = newHistogram();
  readonly #startedMs = performance.now();
  readonly #cpu = process.cpuUsage();

  answered(latencyMs: number): void {
    this.requests++;
    this.#latency.recordValue(microseconds(latencyMs));
  }

  firstEventSeen(latencyMs: number): void {
    this.#firstEvent.recordValue(microseconds(latencyMs));
  }

  failed(reason: string): void {
    this.errors++;
    this.firstError ??= reason;
  }

  outcome(): TallyOutcome {
    const cpu = process.cpuUsage(this.#cpu);
    return {
      requests: this.requests,
      events: this.events,
      errors: this.errors,
      firstError: this.firstError,
      seconds: (performance.now() - this.#startedMs) / 1000,
      cpuSeconds: (cpu.user + cpu.system) / 1_000_000,
      latency: encodeIntoCompressedBase64(this.#latency),
      firstEvent: encodeIntoCompressedBase64(this.#firstEvent),
    };
  }
}

function microseconds(latencyMs: number): number {
  return Math.min(latencyMaxUs, Math.max(1, Math.round(latencyMs * 1000)));
}

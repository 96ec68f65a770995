/** Counts of durations in fixed buckets: plain numbers, no allocation to record. */
export class DurationHistogram {
  /** Upper bounds in milliseconds, ascending; values above the last fall into one further bucket. */
  readonly boundsMs: Float64Array;
  /** Count per bucket (not cumulative), one longer than the bounds. */
  readonly counts: Float64Array;
  #sumMs = 0;

  constructor(boundsMs: Float64Array) {
    this.boundsMs = boundsMs;
    this.counts = new Float64Array(boundsMs.length + 1);
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  get isEmpty(): boolean {
    return this.counts.every((count) => count === 0);
  }

  /** Negative values (a clock that was not read) are left out. */
  observe(durationMs: number): void {
    if (!(durationMs >= 0)) return;
    const bounds = this.boundsMs;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((bounds[middle] ?? Infinity) < durationMs) low = middle + 1;
      else high = middle;
    }
    this.counts[low] = (this.counts[low] ?? 0) + 1;
    this.#sumMs += durationMs;
  }
}

/** Whole requests: a cache hit takes under a millisecond, a long stream ten minutes. */
export const requestBoundsMs = Float64Array.from([
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000,
]);

/** Time inside the proxy: tens of microseconds when all is well, the queue's deadline when it is not. */
export const overheadBoundsMs = Float64Array.from([
  0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 3, 5, 10, 25, 50, 100, 250, 1000, 10_000, 60_000,
]);

/** One account's answers: the buckets of the Amazon Q proxy, whose users' dashboards know them. */
export const accountBoundsMs = Float64Array.from([100, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000]);

import { DurationHistogram, overheadBoundsMs, requestBoundsMs } from './duration-histogram.ts';

const statusMin = 100;
const statusMax = 599;

/** Numbers of one way in. One object per kind of traffic, prepared; recording touches typed arrays only. */
export class RequestMeter {
  readonly duration = new DurationHistogram(requestBoundsMs);
  readonly ttft = new DurationHistogram(requestBoundsMs);
  readonly overhead = new DurationHistogram(overheadBoundsMs);
  /** One place per HTTP status, so that no label is looked up. */
  readonly #byStatus = new Float64Array(statusMax - statusMin + 1);

  record(status: number, durationMs: number, ttftMs: number, overheadMs: number): void {
    const place = status >= statusMin && status <= statusMax ? status - statusMin : statusMax - statusMin;
    this.#byStatus[place] = (this.#byStatus[place] ?? 0) + 1;
    this.duration.observe(durationMs);
    this.ttft.observe(ttftMs);
    this.overhead.observe(overheadMs);
  }

  *statuses(): Generator<[string, number]> {
    for (const [place, count] of this.#byStatus.entries()) {
      if (count > 0) yield [String(place + statusMin), count];
    }
  }
}

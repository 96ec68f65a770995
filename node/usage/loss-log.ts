import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { lossLogPeriodMs } from './limits.ts';

/** Counts what was lost, and tells of it at most once a minute. */
export class LossLog {
  readonly #clock: Clock;
  readonly #log: Log;
  #untold = { traces: 0, prompts: 0 };
  #lastMs: number | undefined;
  #toldMs: number | undefined;
  traces = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Something was lost within the last minute. */
  get isRecent(): boolean {
    return this.#lastMs !== undefined && this.#clock.monotonicMs() - this.#lastMs < lossLogPeriodMs;
  }

  add(traces: number, prompts: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.#lastMs = nowMs;
    this.traces += traces;
    this.#untold.traces += traces;
    this.#untold.prompts += prompts;
    if (this.#toldMs === undefined || nowMs - this.#toldMs >= lossLogPeriodMs) this.#tell(nowMs);
  }

  #tell(nowMs: number): void {
    this.#log.error('Traces could neither be written nor kept for later, and are lost; requests go on.', this.#untold);
    this.#toldMs = nowMs;
    this.#untold = { traces: 0, prompts: 0 };
  }
}

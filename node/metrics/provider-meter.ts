import { BoundedLabels } from './bounded-labels.ts';
import type { TokenUsage } from './contract.ts';
import { DurationHistogram, requestBoundsMs } from './duration-histogram.ts';
import { outcomeLabelsMax } from './names.ts';
import { isFailure } from './outcome.ts';
import type { Tally } from './tally-map.ts';

/** Tokens of one model at one provider. The kinds do not overlap, so their sum is what was used. */
export interface ModelTally {
  requests: number;
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
}

/** Numbers of one provider. The caller bounds `model`. */
export class ProviderMeter {
  readonly duration = new DurationHistogram(requestBoundsMs);
  readonly models = new Map<string, ModelTally>();
  readonly errors = new Map<string, Tally>();
  readonly #outcomes = new BoundedLabels(outcomeLabelsMax);

  attempt(model: string, outcome: string, durationMs: number): void {
    this.#modelTally(model).requests++;
    this.duration.observe(durationMs);
    if (isFailure(outcome)) this.#countError(this.#outcomes.admit(outcome));
  }

  tokens(model: string, usage: TokenUsage): void {
    const tally = this.#modelTally(model);
    const cacheRead = usage.cacheRead ?? 0;
    const cacheWrite = usage.cacheWrite ?? 0;
    tally.cacheRead += cacheRead;
    tally.cacheWrite += cacheWrite;
    // An upstream may report cached tokens and no total; a negative remainder would make a counter fall.
    tally.input += Math.max(0, (usage.inputTotal ?? 0) - cacheRead - cacheWrite);
    tally.output += usage.outputTotal ?? 0;
  }

  #modelTally(model: string): ModelTally {
    const known = this.models.get(model);
    if (known !== undefined) return known;
    const tally = { requests: 0, input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };
    this.models.set(model, tally);
    return tally;
  }

  #countError(code: string): void {
    const tally = this.errors.get(code);
    if (tally === undefined) this.errors.set(code, { count: 1 });
    else tally.count++;
  }
}

import { LruMap } from '../../kit/lru-map.ts';
import type { BreakerOptions, RestOptions } from './options.ts';
import { Standing } from './standing.ts';

/** Models with a breaker or rest of their own, per account. Only failing models have one; far more than providers list. */
export const modelStandingsMax = 256;
/** Models that the upstream said it does not have, per account. */
export const lackingMax = 256;
/** How long such a word is believed: models are added to accounts, but not by the minute. */
const lackingMs = 600_000;

/** The standing of an account as a whole, and of those of its models that failed on their own. */
export class Standings {
  readonly whole: Standing;
  readonly #models = new LruMap<string, Standing>(modelStandingsMax);
  readonly #lacking = new LruMap<string, number>(lackingMax);
  readonly #breaker: BreakerOptions;
  readonly #rest: RestOptions;

  constructor(breaker: BreakerOptions, rest: RestOptions) {
    this.#breaker = breaker;
    this.#rest = rest;
    this.whole = new Standing(breaker, rest);
  }

  /** The model's own standing; undefined while there is nothing against it. */
  find(model: string | undefined): Standing | undefined {
    return model === undefined || this.#models.size === 0 ? undefined : this.#models.peek(model);
  }

  /** The standing that a penalty falls on; made where there is none yet. */
  of(model: string | undefined): Standing {
    if (model === undefined) return this.whole;
    const known = this.#models.get(model) ?? new Standing(this.#breaker, this.#rest);
    this.#models.set(model, known);
    return known;
  }

  /** Lets go of a model that has nothing against it any more. */
  tidy(model: string): void {
    if (this.find(model)?.isPristine) this.#models.delete(model);
  }

  get modelCount(): number {
    return this.#models.size;
  }

  models(): MapIterator<[string, Standing]> {
    return this.#models.entries();
  }

  noteLacking(model: string, nowMs: number): void {
    this.#lacking.set(model, nowMs + lackingMs);
  }

  lacks(model: string, nowMs: number): boolean {
    if (this.#lacking.size === 0) return false;
    const untilMs = this.#lacking.peek(model);
    return untilMs !== undefined && nowMs < untilMs && untilMs - nowMs <= lackingMs;
  }

  noteServed(model: string): void {
    if (this.#lacking.size > 0) this.#lacking.delete(model);
  }

  resumesAtMs(nowMs: number): number | undefined {
    let earliestMs = this.whole.resumesAtMs(nowMs) ?? Infinity;
    for (const standing of this.#models.values()) {
      earliestMs = Math.min(earliestMs, standing.resumesAtMs(nowMs) ?? Infinity);
    }
    return earliestMs === Infinity ? undefined : earliestMs;
  }

  clear(): void {
    this.whole.breaker.reset();
    this.whole.rest.reset();
    this.#models.clear();
    this.#lacking.clear();
  }
}

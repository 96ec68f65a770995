import type { RestOptions } from './options.ts';

/** A rest that doubles from 30 s passes the cap of an hour after 7 steps; more doublings would only overflow. */
const doublingsMax = 16;
/** As in breaker.ts: larger steps back of the wall clock end the rest instead of prolonging it. */
const clockStepMs = 1_000;

/**
 * The rest after a 429, as a pure state machine. While it lasts nothing is sent, but for one trial every few minutes:
 * the trial's success ends the rest, its 429 sets it anew.
 */
export class Rest {
  readonly #options: RestOptions;
  #startedAtMs: number | undefined;
  #untilMs = 0;
  #nextTrialAtMs = 0;
  #isTrialOut = false;
  /** Rests in a row without a success between. */
  #inARow = 0;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  get isPristine(): boolean {
    return this.#startedAtMs === undefined && this.#inARow === 0;
  }

  /** Unix ms at which it ends; undefined when it does not rest. */
  endsAtMs(nowMs: number): number | undefined {
    const startedAtMs = this.#startedAtMs;
    if (startedAtMs === undefined || nowMs >= this.#untilMs) return undefined;
    return nowMs < startedAtMs - clockStepMs ? undefined : this.#untilMs;
  }

  /** Unix ms at which the next request may pass: its end, or the next trial if that is sooner. */
  resumesAtMs(nowMs: number): number | undefined {
    const endsAtMs = this.endsAtMs(nowMs);
    return endsAtMs === undefined || this.#isTrialOut ? endsAtMs : Math.min(endsAtMs, this.#nextTrialAtMs);
  }

  allows(nowMs: number): boolean {
    if (this.endsAtMs(nowMs) === undefined) return true;
    return nowMs >= this.#nextTrialAtMs && !this.#isTrialOut;
  }

  /** Takes the trial that is due; true when this request is one. */
  takeTrial(nowMs: number): boolean {
    if (this.endsAtMs(nowMs) === undefined || !this.allows(nowMs)) return false;
    this.#isTrialOut = true;
    this.#nextTrialAtMs = nowMs + this.#options.trialEveryMs;
    return true;
  }

  releaseTrial(): void {
    this.#isTrialOut = false;
  }

  /**
   * A 429 came. `retryAfterMs` is the upstream's, undefined when it named none; `beganAtMs` is when its request went
   * out. Requests that were under way together bring several 429s: they are one event and only the longest counts,
   * while a trial's 429 is newer knowledge and replaces what was.
   */
  start(nowMs: number, retryAfterMs: number | undefined, beganAtMs: number, isTrial: boolean): void {
    const isSameEvent = !isTrial && this.#startedAtMs !== undefined && beganAtMs <= this.#startedAtMs;
    if (!isSameEvent) this.#inARow++;
    const lengthMs = this.#lengthMs(retryAfterMs);
    if (isTrial) this.#isTrialOut = false;
    this.#untilMs = isSameEvent ? Math.max(this.#untilMs, nowMs + lengthMs) : nowMs + lengthMs;
    this.#nextTrialAtMs = nowMs + this.#options.trialEveryMs;
    if (!isSameEvent) this.#startedAtMs = nowMs;
  }

  /** On another's word (the mesh). Never longer than the cap from now; a time that is past or no number is not heard. */
  restUntil(nowMs: number, untilMs: number): void {
    if (!(untilMs > nowMs)) return;
    this.#startedAtMs = nowMs;
    this.#untilMs = Math.min(untilMs, nowMs + this.#options.restMsMax);
    this.#nextTrialAtMs = nowMs + this.#options.trialEveryMs;
  }

  /** True when this ended a rest. A success of a request from before the rest proves nothing about the quota. */
  succeed(nowMs: number, isTrial: boolean): boolean {
    const isResting = this.endsAtMs(nowMs) !== undefined;
    if (isResting && !isTrial) return false;
    this.reset();
    return isResting;
  }

  /** True when it rested. */
  reset(): boolean {
    const wasResting = this.#startedAtMs !== undefined;
    this.#startedAtMs = undefined;
    this.#isTrialOut = false;
    this.#inARow = 0;
    return wasResting;
  }

  #lengthMs(retryAfterMs: number | undefined): number {
    const doublings = Math.min(doublingsMax, this.#inARow - 1);
    // Also for NaN and negative times, which a broken header can give.
    const asked =
      retryAfterMs !== undefined && retryAfterMs > 0 ? retryAfterMs : this.#options.defaultMs * 2 ** doublings;
    return Math.min(asked, this.#options.restMsMax);
  }
}

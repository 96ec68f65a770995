import { SlidingCounts } from '../../kit/sliding-counts.ts';
import type { BreakerState } from './contract.ts';
import type { BreakerOptions } from './options.ts';

/** Steps of the wall clock below this are corrections; a larger one back would keep a breaker open for as long. */
const clockStepMs = 1_000;

/**
 * A circuit breaker as a pure state machine: time comes in as an argument.
 *
 *   closed ──failures──► open ──recovery time──► half-open ──the trial succeeds──► closed
 *                          ▲                         │
 *                          └────the trial fails──────┘
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #window: SlidingCounts;
  #errorCount = 0;
  #openedAtMs: number | undefined;
  #opensUntilMs = 0;
  #isTrialOut = false;
  #openedTimes = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#window = new SlidingCounts(options.windowMs);
  }

  /** Failures less successes, never below zero. */
  get errorCount(): number {
    return this.#errorCount;
  }

  /** How often it opened. */
  get openedTimes(): number {
    return this.#openedTimes;
  }

  /** Nothing in it that a fresh one had not. */
  get isPristine(): boolean {
    return this.#openedAtMs === undefined && this.#errorCount === 0 && this.#window.second === 0;
  }

  state(nowMs: number): BreakerState {
    const openedAtMs = this.#openedAtMs;
    if (openedAtMs === undefined || !this.#options.enabled) return 'closed';
    const clockWentBack = nowMs < openedAtMs - clockStepMs;
    return nowMs < this.#opensUntilMs && !clockWentBack ? 'open' : 'half-open';
  }

  /** Unix ms at which a trial becomes due; undefined when closed. */
  get untilMs(): number | undefined {
    return this.#openedAtMs === undefined || !this.#options.enabled ? undefined : this.#opensUntilMs;
  }

  allows(nowMs: number): boolean {
    if (this.#openedAtMs === undefined) return true;
    const state = this.state(nowMs);
    return state === 'closed' || (state === 'half-open' && !this.#isTrialOut);
  }

  /** Takes the trial; true when this request is one and its end must be told with `isTrial`. */
  takeTrial(nowMs: number): boolean {
    if (this.state(nowMs) !== 'half-open' || this.#isTrialOut) return false;
    this.#isTrialOut = true;
    return true;
  }

  /** The trial ended without a verdict. */
  releaseTrial(): void {
    this.#isTrialOut = false;
  }

  /** True when this closed it. Only a trial closes: an answer to a request from before the opening proves nothing. */
  succeed(nowMs: number, isTrial: boolean): boolean {
    if (isTrial && this.#openedAtMs !== undefined) return this.reset();
    this.#errorCount = Math.max(0, this.#errorCount - 1);
    this.#window.addFirst(nowMs);
    return false;
  }

  /** True when this opened it, or opened it again. */
  fail(nowMs: number, isTrial: boolean): boolean {
    if (!this.#options.enabled) return false;
    this.#errorCount++;
    this.#window.addSecond(nowMs);
    if (isTrial) this.#isTrialOut = false;
    const isOpenAlready = this.#openedAtMs !== undefined;
    if (isOpenAlready ? !isTrial : !this.#isTooMuch()) return false;
    this.openUntil(nowMs, nowMs + this.#options.recoveryMs);
    return true;
  }

  /** Opens it on another's word (the mesh) or its own count. Never longer than the recovery time from now. */
  openUntil(nowMs: number, untilMs: number): void {
    this.#openedAtMs = nowMs;
    this.#opensUntilMs = Math.min(untilMs, nowMs + this.#options.recoveryMs);
    this.#openedTimes++;
  }

  /** Closes it and forgets every failure; true when it was not closed. */
  reset(): boolean {
    const wasOpen = this.#openedAtMs !== undefined;
    this.#openedAtMs = undefined;
    this.#isTrialOut = false;
    this.#errorCount = 0;
    this.#window.clear();
    return wasOpen;
  }

  #isTooMuch(): boolean {
    if (this.#errorCount >= this.#options.errorThreshold) return true;
    const failures = this.#window.second;
    const requests = failures + this.#window.first;
    return requests >= this.#options.minRequests && failures / requests >= this.#options.failureRate;
  }
}

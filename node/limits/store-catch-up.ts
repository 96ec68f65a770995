import { backoffCeilingMs } from '../../kit/backoff.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { KeySum } from '../store/contract.ts';
import { storeGapMs, storeRetry, storeWaitMs } from './bounds.ts';
import type { BudgetBook } from './budget-book.ts';
import { type Calendar, dayStartMs, monthStartMs } from './calendar.ts';
import type { KeyBudget } from './key-budget.ts';

export interface StoreCatchUpParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly calendar: Calendar;
  readonly book: BudgetBook;
  /** What this node wrote into the store of usage since then, by key. */
  readonly sums: (fromMs: number) => Promise<readonly KeySum[]>;
  readonly hasBudget: (key: string) => boolean;
  readonly onRaised: (budget: KeyBudget) => void;
}

/**
 * Raises what keys spent here to what the store of usage says: a node that was killed may not have written its last, and
 * a budget that is new counts what was used before it.
 */
export class StoreCatchUp {
  readonly #parts: StoreCatchUpParts;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #isWanted = false;
  #failures = 0;
  #isStopped = false;

  constructor(parts: StoreCatchUpParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when that is done, or after a bounded time; it goes on then. What waits in files to be written into the store
   * is looked for a while later.
   */
  async start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#parts.clock.after(storeWaitMs, resolve);
    if (this.#running === undefined) this.#run();
    void this.#running?.then(resolve);
    await promise;
    timer.cancel();
    this.request();
  }

  /** Soon, once for all who ask meanwhile. */
  request(): void {
    this.#isWanted = true;
    this.#plan(storeGapMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #plan(delayMs: number): void {
    if (this.#isStopped || this.#timer !== undefined || this.#running !== undefined) return;
    this.#timer = this.#parts.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#run();
    });
  }

  #run(): void {
    this.#isWanted = false;
    this.#running = this.#raiseAll().then(
      () => this.#ended(undefined),
      (error: unknown) => this.#ended(error),
    );
  }

  #ended(error: unknown): void {
    this.#running = undefined;
    if (error === undefined) this.#failures = 0;
    else {
      if (this.#failures === 0) this.#parts.log.warn('The store cannot tell what keys have used.', { error });
      this.#plan(backoffCeilingMs(this.#failures++, storeRetry));
    }
    if (this.#isWanted) this.#plan(storeGapMs);
  }

  async #raiseAll(): Promise<void> {
    const { calendar, sums } = this.#parts;
    calendar.look();
    const { day, month } = calendar;
    const ofMonth = await sums(monthStartMs(month));
    const ofDay = await sums(dayStartMs(day));
    for (const sum of ofMonth) this.#raise(sum, [undefined, month]);
    for (const sum of ofDay) this.#raise(sum, [day, undefined]);
  }

  #raise({ key, tokens, costNano }: KeySum, [day, month]: [number | undefined, number | undefined]): void {
    const { book, hasBudget, onRaised } = this.#parts;
    if (!hasBudget(key)) return;
    const budget = book.at(key);
    if (day !== undefined) {
      budget.raise(0, day, tokens);
      budget.raise(2, day, costNano);
    }
    if (month !== undefined) {
      budget.raise(1, month, tokens);
      budget.raise(3, month, costNano);
    }
    if (budget.isUnwritten) onRaised(budget);
  }
}

import type { Clock, Timer } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import type { UsageStore } from '../store/contract.ts';
import { clockJumpMsMax, firstPruneMsMax, prunePeriodMs } from './limits.ts';
import type { UsageSettings } from './settings.ts';

export interface RetentionParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly store: Pick<UsageStore, 'isShared' | 'prune' | 'size'>;
  /** Of a store that several nodes share one deletes. */
  readonly isLeader: () => boolean;
  readonly settings: UsageSettings;
}

/**
 * Deletes what is too old, once an hour, at a moment of chance so that nodes that were started together do not all do
 * it at once. A wall clock that has just jumped is not believed until the next look: what it makes old cannot be
 * brought back.
 */
export class Retention {
  readonly #parts: RetentionParts;
  #settings: UsageSettings;
  #timer: Timer | undefined;
  #offsetMs: number;
  /** As the store was after the last look; undefined before it. */
  size: { readonly bytes: number; readonly traces: number } | undefined;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#offsetMs = this.#clockOffsetMs();
  }

  /** Takes over settings that were read again. */
  reconfigure(settings: UsageSettings): void {
    this.#settings = settings;
  }

  start(): void {
    this.#plan(this.#parts.random.next() * firstPruneMsMax);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #plan(delayMs: number): void {
    this.#timer = this.#parts.clock.after(delayMs, () => {
      // From three quarters of the period to five.
      this.#plan(prunePeriodMs * (0.75 + this.#parts.random.next() / 2));
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    const { store, isLeader, log } = this.#parts;
    try {
      if (this.#isClockSteady() && (!store.isShared || isLeader())) await this.#prune();
      this.size = await store.size();
    } catch (error) {
      log.warn('Old traces cannot be deleted at present.', { error });
    }
  }

  async #prune(): Promise<void> {
    const { clock, store, log } = this.#parts;
    const nowMs = Math.floor(clock.nowMs());
    const deleted = await store.prune({
      tracesBeforeMs: nowMs - this.#settings.traces_keep,
      usageBeforeMs: nowMs - this.#settings.keep,
      promptsBeforeMs: nowMs,
    });
    if (deleted.traces + deleted.usage + deleted.prompts > 0) log.debug('Old traces are deleted.', deleted);
  }

  #isClockSteady(): boolean {
    const before = this.#offsetMs;
    this.#offsetMs = this.#clockOffsetMs();
    if (Math.abs(this.#offsetMs - before) <= clockJumpMsMax) return true;
    this.#parts.log.warn('The clock of this machine has jumped; old traces are deleted an hour later.');
    return false;
  }

  #clockOffsetMs(): number {
    return this.#parts.clock.nowMs() - this.#parts.clock.monotonicMs();
  }
}

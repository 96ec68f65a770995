import type { Clock, Timer } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { KeptQuotas, QuotaStore } from './contract.ts';

/** A disk that refuses is asked again so much later. */
const againMs = 1000;
/** After so many refusals in a row the node goes on without: limits must not stop requests for a full disk. */
const refusalsMax = 5;

type Done = (isKept: boolean) => void;

export interface KeepingOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: QuotaStore;
  readonly content: () => KeptQuotas;
  /** It became certain what the disk has, or that it takes nothing. */
  readonly settled: () => void;
}

/** Writes what the next process must know: one write at a time, each with all that was wanted meanwhile. */
export class Keeping {
  /** What this process does is on the disk, so that the next one does not take what was there before for true. */
  isBegun = false;
  readonly #options: KeepingOptions;
  #waiting: Done[] = [];
  #isWriting = false;
  #refusals = 0;
  #retry: Timer | undefined;
  #isStopped = false;

  constructor(options: KeepingOptions) {
    this.#options = options;
  }

  /** The disk takes nothing; what is taken is not written down until it does. */
  get isUnwritable(): boolean {
    return this.#refusals >= refusalsMax;
  }

  /** Writes all of now; `done` with whether it is on the disk. */
  save(done: Done): void {
    this.#waiting.push(done);
    if (!this.#isWriting && this.#retry === undefined) this.#write();
  }

  stop(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  #write(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isWriting = true;
    this.#options.store.save(this.#options.content(), (error) => {
      this.#isWriting = false;
      const isKept = error === undefined || error === null;
      this.#note(isKept, error);
      for (const done of waiting) done(isKept);
      if (isKept) this.#next();
    });
  }

  #note(isKept: boolean, error: unknown): void {
    const { log, clock, settled } = this.#options;
    const wasUnwritable = this.isUnwritable;
    const wasBegun = this.isBegun;
    this.#refusals = isKept ? 0 : this.#refusals + 1;
    this.isBegun ||= isKept || this.isUnwritable;
    if (!isKept && !this.#isStopped) {
      this.#retry = clock.after(againMs, () => {
        this.#retry = undefined;
        this.#write();
      });
    }
    if (this.isUnwritable && !wasUnwritable) {
      log.error('What was taken of limits cannot be kept; a restart may count too little for a window.', { error });
    }
    if (wasUnwritable !== this.isUnwritable || wasBegun !== this.isBegun) settled();
  }

  #next(): void {
    if (this.#waiting.length > 0 && !this.#isWriting && !this.#isStopped) this.#write();
  }
}

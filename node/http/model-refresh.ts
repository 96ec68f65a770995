import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { ModelDirectory, ModelListing } from './dependencies.ts';

export interface ModelRefreshSettings {
  /** A call refreshes the list only when the last refresh is older, ms. */
  intervalMs: number;
  /** Longest that a call waits for a refresh it caused, ms; past it the list as it was is answered. */
  waitMs: number;
}

export const defaultModelRefreshSettings: ModelRefreshSettings = { intervalMs: 300_000, waitMs: 2_000 };

/** The model list for clients: fresh where that is quick, and never slower than `waitMs`. */
export class FreshModels {
  readonly #models: ModelDirectory;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #settings: ModelRefreshSettings;
  #refreshedAtMs = -Infinity;
  #running: Promise<void> | undefined;

  constructor(models: ModelDirectory, clock: Clock, log: Log, settings: ModelRefreshSettings) {
    this.#models = models;
    this.#clock = clock;
    this.#log = log;
    this.#settings = settings;
  }

  async list(): Promise<readonly ModelListing[]> {
    const isDue = this.#clock.monotonicMs() - this.#refreshedAtMs >= this.#settings.intervalMs;
    if (isDue || this.#running !== undefined) await this.#waitFor((this.#running ??= this.#refresh()));
    return this.#models.list().toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  async #refresh(): Promise<void> {
    try {
      const { failed } = await this.#models.refresh();
      if (failed.length > 0) this.#log.debug('some accounts did not list their models', { failed });
    } catch (error) {
      // The list as it was is still an answer; a failure is retried after the interval, not by every call.
      this.#log.error('the model list could not be refreshed', { error });
    } finally {
      this.#refreshedAtMs = this.#clock.monotonicMs();
      this.#running = undefined;
    }
  }

  #waitFor(refresh: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(this.#settings.waitMs, resolve);
      void refresh.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}

import type { Clock } from '../../kit/clock.ts';
import { isFault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import { quotaReset } from './codewhisperer-lists.ts';
import type { AccountNotes, ProviderAnswer } from './contract.ts';

const noteName = 'quota_resets_at';
/** Asked no more often: while a quota is used up every request would ask. */
const pauseMs = 600_000;

export interface QuotaParts {
  readonly notes: AccountNotes;
  readonly clock: Clock;
  readonly log: Log;
  /** `GetUsageLimits`, which costs nothing. */
  readonly ask: () => Promise<ProviderAnswer>;
}

/** When an account's monthly quota begins anew: asked once it is used up, and kept. */
export class QuotaReset {
  readonly #parts: QuotaParts;
  #askedMs = -Infinity;

  constructor(parts: QuotaParts) {
    this.#parts = parts;
  }

  /** Unix ms; undefined while it is not known, or past. */
  get atMs(): number | undefined {
    const atMs = Number(this.#parts.notes.get(noteName));
    return atMs > this.#parts.clock.nowMs() ? atMs : undefined;
  }

  /** The quota is used up: the reset is looked up for the next time, unless it is known. */
  usedUp(): void {
    const { clock } = this.#parts;
    if (this.atMs !== undefined || clock.monotonicMs() - this.#askedMs < pauseMs) return;
    this.#askedMs = clock.monotonicMs();
    void this.#lookUp();
  }

  async #lookUp(): Promise<void> {
    const { ask, log, notes } = this.#parts;
    try {
      const { status, body } = await ask();
      const atMs = status === 200 ? quotaReset(body) : undefined;
      if (atMs !== undefined) notes.set(noteName, String(atMs));
      else log.debug(`when the quota begins anew could not be found out: the upstream answered ${status}`);
    } catch (error) {
      // The account rests for the usual time.
      if (isFault(error)) log.debug(`when the quota begins anew could not be found out: ${error.message}`);
      else log.error('internal error while looking up a quota', { error });
    }
  }
}

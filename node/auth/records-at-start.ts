import type { Records } from '../../cluster/replicated/contract.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';

/** A member that joins has compared its records well before this; one that reaches nobody goes on with what it has. */
const waitMs = 5_000;

export interface RecordsAtStartParts {
  readonly records: Pick<Records, 'whenCurrent'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Whether this node has what was changed while it was away: a key that was revoked meanwhile must not be let in, nor one
 * that was made meanwhile refused, in the moments before it has compared its records with a member's.
 */
export class RecordsAtStart {
  isThere = false;
  readonly #parts: RecordsAtStartParts;
  readonly #waiting = Promise.withResolvers<void>();
  #timer: Timer | undefined;

  constructor(parts: RecordsAtStartParts) {
    this.#parts = parts;
  }

  /** After the mesh has been started. */
  start(): void {
    const { records, clock, log } = this.#parts;
    this.#timer = clock.after(waitMs, () => {
      log.warn('No member could be asked for users and keys: those of the last stop count.');
      this.stop();
    });
    records.whenCurrent(() => this.stop());
  }

  /** Nobody waits any longer. */
  stop(): void {
    this.#timer?.cancel();
    this.isThere = true;
    this.#waiting.resolve();
  }

  /** Resolves once they are there, or are not waited for any longer. */
  whenThere(): Promise<void> {
    return this.#waiting.promise;
  }
}

import { backoffMs, type BackoffOptions } from '../../kit/backoff.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import type { HeldToken, TokenFiles, TokenPlace } from './contract.ts';

const delays: BackoffOptions = { baseMs: 1_000, capMs: 60_000 };

interface Pending {
  place: TokenPlace;
  token: HeldToken;
  attempt: number;
  timer: Timer | undefined;
  /** Who waits for the first try. */
  done: (() => void)[];
  isWriting: boolean;
}

export interface TokenShelfParts {
  files: TokenFiles;
  clock: Clock;
  random: Random;
  log: Log;
}

/**
 * Writes tokens to disk, one write an account at a time and the newest only. A disk that is full or broken does not keep a
 * token from being used: it is written again and again, and the log says each time that it lives in memory alone.
 */
export class TokenShelf {
  readonly #parts: TokenShelfParts;
  /** By account: bounded by the number of accounts. */
  readonly #pending = new Map<string, Pending>();
  /** Under way: at most one an account. */
  readonly #writes = new Set<Promise<void>>();
  #isStopped = false;

  constructor(parts: TokenShelfParts) {
    this.#parts = parts;
  }

  /** Accounts whose newest token is in memory alone. */
  get unwritten(): number {
    return this.#pending.size;
  }

  read(place: TokenPlace): Promise<HeldToken | undefined> {
    return this.#parts.files.read(place);
  }

  /** Resolves once the token is durable, or could not be written at the first try. */
  keep(place: TokenPlace, token: HeldToken): Promise<void> {
    return new Promise((done) => {
      const waiting = this.#pending.get(place.accountId);
      if (waiting === undefined) {
        const pending = { place, token, attempt: 0, timer: undefined, done: [done], isWriting: false };
        this.#pending.set(place.accountId, pending);
        this.#begin(pending);
        return;
      }
      waiting.token = token;
      waiting.place = place;
      waiting.done.push(done);
      if (waiting.isWriting) return;
      waiting.timer?.cancel();
      this.#begin(waiting);
    });
  }

  /** Plans no further tries. Resolves when what is being written is written. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const { timer } of this.#pending.values()) timer?.cancel();
    while (this.#writes.size > 0) await Promise.all(this.#writes);
  }

  #begin(pending: Pending): void {
    const write = this.#write(pending);
    this.#writes.add(write);
    void write.finally(() => this.#writes.delete(write));
  }

  async #write(pending: Pending): Promise<void> {
    const { token, place } = pending;
    const done = pending.done.splice(0);
    pending.isWriting = true;
    let failure: unknown;
    try {
      await this.#parts.files.write(place, token);
    } catch (error) {
      failure = error;
    }
    pending.isWriting = false;
    for (const each of done) each();
    if (pending.token !== token) this.#begin(pending);
    else if (failure === undefined) this.#pending.delete(place.accountId);
    else this.#again(pending, failure);
  }

  #again(pending: Pending, error: unknown): void {
    const { clock, random, log } = this.#parts;
    const { accountId } = pending.place;
    const delayMs = delays.baseMs + backoffMs(pending.attempt++, delays, random);
    log.error(
      `the new token of account ${accountId} cannot be written: it is in memory alone and lost with this process; next try in ${Math.ceil(delayMs / 1_000)} s`,
      { account: accountId, error },
    );
    if (!this.#isStopped) pending.timer = clock.after(delayMs, () => this.#begin(pending));
  }
}

import { BoundedQueue } from '../../kit/bounded-queue.ts';
import type { Random } from '../../kit/random.ts';
import { authFaults } from './faults.ts';
import { hashPassword, isOutdated, isPassword, saltBytes, scryptCost, type ScryptCost } from './password-hash.ts';

/** Each waits up to half a second for each before it: past this nobody would wait for the answer. */
const waitingMax = 32;
const retryAfterMs = 5_000;

const randomCost: ScryptCost = { n: 2 ** 12, r: 8, p: 1 };

/**
 * Hashes and compares passwords, one at a time: a hash keeps one of libuv's four threads and 32 MiB for up to half a
 * second, and requests want the other threads.
 */
export class Passwords {
  readonly #random: Random;
  readonly #cost: ScryptCost;
  readonly #waiting = new BoundedQueue<() => void>(waitingMax);
  #isBusy = false;
  #nobody: Promise<string> | undefined;

  constructor(random: Random, cost: ScryptCost = scryptCost) {
    this.#random = random;
    this.#cost = cost;
  }

  /** Rejects with `login_locked` where too many wait already, as all of them do. */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => this.#hash(password));
  }

  /**
   * For a password that was made up and has 100 bits: nobody tries those, whatever a try costs, so a start need not wait.
   * It is renewed at the first login, as any that was made with other costs.
   */
  hashRandom(password: string): Promise<string> {
    return this.#inTurn(() => hashPassword(password, this.#random.bytes(saltBytes), randomCost));
  }

  /**
   * Whether this is the password of `kept`. Nobody's (undefined) takes as long as anybody's. `mayBegin` is asked when its
   * turn has come; false: it is `barred`. `onWrong` is called before the next one has its turn.
   */
  compare(
    password: string,
    kept: string | undefined,
    { mayBegin, onWrong }: { mayBegin: () => boolean; onWrong: () => void },
  ): Promise<'right' | 'wrong' | 'barred'> {
    return this.#inTurn(async () => {
      if (!mayBegin()) return 'barred';
      // Made for anybody's first, so that its making tells nothing either.
      const nobody = await (this.#nobody ??= this.#hash(''));
      const isSame = await isPassword(password, kept ?? nobody);
      if (isSame && kept !== undefined) return 'right';
      onWrong();
      return 'wrong';
    });
  }

  isOutdated(kept: string): boolean {
    return isOutdated(kept, this.#cost);
  }

  #hash(password: string): Promise<string> {
    return hashPassword(password, this.#random.bytes(saltBytes), this.#cost);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn();
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #turn(): Promise<void> | void {
    if (!this.#isBusy) {
      this.#isBusy = true;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#waiting.push(resolve) === undefined)
      throw authFaults.login_locked('too many passwords are being checked; try again in some seconds', {
        retryAfterMs,
      });
    return promise;
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isBusy = false;
    else next();
  }
}

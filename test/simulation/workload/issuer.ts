import type { Random } from '../../../kit/random.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { exponentialMs } from '../world/streams.ts';
import type { World } from '../world/world.ts';

/** `unsent`: the connection failed, nothing happened. `lost`: nobody knows what happened. */
export type Redemption = { readonly token: string } | 'invalid_grant' | 'unsent' | 'lost';

interface Spent {
  readonly atMs: number;
  readonly by: string;
  /** Since when a majority knows that the token is used up, as its holder told. */
  knownMs: number;
}

interface Family {
  current: string;
  made: number;
  spent: Map<string, Spent>;
}

export const accounts = ['q1', 'q2', 'q3'] as const;

/** As refresh tokens rotate: each is good once; one that comes a second time revokes all of its family. */
export class Issuer {
  readonly #world: World;
  readonly #random: Random;
  readonly #families = new Map<string, Family>();

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
    for (const account of accounts) this.#families.set(account, this.#found(account, 0));
  }

  /** What a person who logged in at the beginning has. */
  firstToken(account: string): string {
    return `${account}.0.0`;
  }

  /** The token that would be taken now. */
  current(account: string): string {
    return this.#family(account).current;
  }

  /** A person logs in again: a new family. */
  login(account: string): string {
    const made = this.#family(account).made + 1;
    this.#families.set(account, this.#found(account, made));
    return this.current(account);
  }

  /** Spends a token, if the request arrives; the answer may be late, or never come, but not after the process ended. */
  redeem(process: SimProcess, account: string, token: string, done: (result: Redemption) => void): void {
    const { answerMeanMs, lateRate, lostRate } = this.#world.plan.issuer;
    if (this.#random.next() < lostRate) {
      this.#world.queue.after(20, () => process.turn(() => done('unsent')));
      return;
    }
    const isLost = this.#random.next() < lostRate;
    const { doubtMs } = this.#world.plan.timing;
    const lateMs = this.#random.next() < lateRate ? this.#random.next() * (budgetMs + doubtMs * 0.6) : 0;
    const answerMs = Math.min(exponentialMs(this.#random, answerMeanMs) + lateMs, budgetMs + doubtMs * 0.6);
    const sentMs = this.#world.queue.nowMs;
    this.#world.queue.after(5 + this.#random.next() * 100, () => {
      const result = this.#arrived(process, account, token, sentMs);
      this.#world.queue.after(answerMs, () => process.turn(() => done(isLost ? 'lost' : result)));
    });
  }

  /** A majority knows that the token is spent. */
  known(account: string, token: string): void {
    const spent = this.#family(account).spent.get(token);
    if (spent !== undefined) spent.knownMs = Math.min(spent.knownMs, this.#world.queue.nowMs);
  }

  #arrived(process: SimProcess, account: string, token: string, sentMs: number): Redemption {
    const family = this.#family(account);
    this.#world.counts.redemptions++;
    process.note(() => `spends ${token}`);
    if (token === family.current) {
      family.spent.set(token, { atMs: this.#world.queue.nowMs, by: process.nodeId, knownMs: Infinity });
      family.made++;
      family.current = `${account}.${token.split('.')[1] ?? ''}.${family.made}`;
      return { token: family.current };
    }
    const spent = family.spent.get(token);
    if (spent !== undefined) this.#spentAgain(process, token, spent, sentMs);
    family.current = 'revoked';
    return 'invalid_grant';
  }

  /**
   * Only a token whose answer nobody has may come again, after the time of doubt. A holder that stood still may have it
   * while the second request is on its way: nothing calls that one back.
   */
  #spentAgain(process: SimProcess, token: string, spent: Spent, sentMs: number): void {
    const { plan, queue, counts } = this.#world;
    const sinceMs = queue.nowMs - spent.atMs;
    const wasKnown = spent.knownMs <= sentMs;
    counts.residues++;
    if (!wasKnown && sinceMs > plan.timing.doubtMs * (1 - 3 * plan.clockRateMax)) return;
    if (this.#world.hasLostDiskSince(spent.atMs - budgetMs)) return;
    this.#world.fail(
      'a token is spent once',
      `${process.nodeId} spent ${token} ${Math.round(sinceMs)} ms after ${spent.by}${wasKnown ? ', though a majority knew' : ''}`,
    );
  }

  #family(account: string): Family {
    const family = this.#families.get(account);
    if (family === undefined) throw new Error(`no account ${account}`);
    return family;
  }

  #found(account: string, made: number): Family {
    return { current: `${account}.${made}.${made}`, made, spent: new Map() };
  }
}

/** What a refresh may take before another may begin. */
export const budgetMs = 3000;

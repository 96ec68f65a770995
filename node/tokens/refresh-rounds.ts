import { backoffMs, type BackoffOptions } from '../../kit/backoff.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import { inTime } from '../../kit/in-time.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import { isFault, type Fault } from '../../kit/fault.ts';
import type { Leadership } from '../../cluster/leader/contract.ts';
import { tokenFaults } from './faults.ts';
import { refreshAtMs } from './refresh-time.ts';
import type { TokenAccount } from './token-account.ts';
import type { RefreshEnd, TokenRefresher } from './token-refresher.ts';

/** Refreshes under way at once. One takes about a second, so that a thousand accounts are through in minutes. */
const parallelMax = 4;
/** The wall clock may jump: what is due is looked at again at least this often. */
const lookMsMax = 60_000;
/** After a failure; the first tries come fast, since a token about to end waits for them. */
const delays: BackoffOptions = { baseMs: 1_000, capMs: 60_000 };
/** After the cluster withheld its consent: a doubt ends, a majority comes back, and asking costs a frame a voter. */
const consentDelays: BackoffOptions = { baseMs: 1_000, capMs: 5_000 };
const delayMsMin = 250;
/** A kept token of another program or a fallback may be tried so often in a row, before it counts as a failure. */
const againMax = 3;

export interface RefreshRoundsParts {
  leadership: Leadership;
  refresher: Pick<TokenRefresher, 'refresh'>;
  accounts: () => Iterable<TokenAccount>;
  clock: Clock;
  random: Random;
  log: Log;
}

/** The leader's work: refreshes what is due, one at a time an account and a few accounts at once. */
export class RefreshRounds {
  readonly #parts: RefreshRoundsParts;
  /** At most `parallelMax`. */
  readonly #flights = new Set<Promise<void>>();
  /** Who waits for the end of an account's try. */
  readonly #waiting = new Map<TokenAccount, ((end: RefreshEnd) => void)[]>();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(parts: RefreshRoundsParts) {
    this.#parts = parts;
  }

  /** Begins what is due and plans the next look; called after every change that may make something due. */
  look(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#isStopped || !this.#parts.leadership.isSelf) {
      this.#disappoint();
      return;
    }
    let nextMs = Infinity;
    const due: TokenAccount[] = [];
    for (const account of this.#parts.accounts()) {
      const waitMs = this.#waitMs(account);
      if (waitMs <= 0) due.push(account);
      else nextMs = Math.min(nextMs, waitMs);
    }
    due.sort((one, other) => one.token.expiresAtMs - other.token.expiresAtMs);
    for (const account of due.slice(0, parallelMax - this.#flights.size)) this.#begin(account);
    if (nextMs < Infinity) this.#timer = this.#parts.clock.after(Math.min(nextMs, lookMsMax), () => this.look());
  }

  /** Has the account refreshed now, due or not; joins a try that is under way. Undefined when this node may not. */
  refreshNow(account: TokenAccount): Promise<RefreshEnd> | undefined {
    if (this.#isStopped || !this.#parts.leadership.isSelf) return undefined;
    const end = new Promise<RefreshEnd>((done) => {
      this.#waiting.set(account, [...(this.#waiting.get(account) ?? []), done]);
    });
    if (!account.isRefreshing) account.isForced = true;
    this.look();
    return end;
  }

  /** Begins nothing more. Resolves when what is under way has ended, or after `patienceMs`. */
  async stop(patienceMs: number): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    if (this.#flights.size === 0) return;
    await inTime(Promise.all(this.#flights), patienceMs, this.#parts.clock);
  }

  /** Milliseconds until the account is due; Infinity for one that is not to be refreshed. */
  #waitMs(account: TokenAccount): number {
    if (!account.isLoaded || account.isRefreshing) return Infinity;
    if (account.isForced) return 0;
    if (account.needsLogin !== undefined) return Infinity;
    const { clock } = this.#parts;
    const isUrgent = account.isRefused || account.isDoubtful;
    const dueMs = isUrgent ? 0 : refreshAtMs(account.token, account.spread) - clock.nowMs();
    return Math.max(dueMs, account.notBeforeMs - clock.monotonicMs());
  }

  #begin(account: TokenAccount): void {
    account.isRefreshing = true;
    account.isForced = false;
    const flight = this.#run(account);
    this.#flights.add(flight);
    void flight.finally(() => {
      this.#flights.delete(flight);
      this.look();
    });
  }

  /** This node leads no more: who waits for a try that has not begun is told. */
  #disappoint(): void {
    const fault = tokenFaults.token_no_leader('this node does not lead the cluster any more');
    for (const [account, waiting] of this.#waiting) {
      if (account.isRefreshing) continue;
      account.isForced = false;
      this.#waiting.delete(account);
      for (const done of waiting) done(fault);
    }
  }

  async #run(account: TokenAccount): Promise<void> {
    const { refresher, random } = this.#parts;
    let end: RefreshEnd = 'again';
    try {
      for (let count = 0; end === 'again' && count <= againMax && !this.#isStopped; count++)
        end = await refresher.refresh(account);
    } finally {
      account.isRefreshing = false;
      account.spread = random.next();
      this.#ended(account, end);
    }
  }

  #ended(account: TokenAccount, end: RefreshEnd): void {
    if (end === 'renewed') account.renewedCount++;
    else if (isFault(end)) this.#failed(account, end);
    else account.notBeforeMs = this.#parts.clock.monotonicMs() + delays.baseMs;
    const waiting = this.#waiting.get(account) ?? [];
    this.#waiting.delete(account);
    for (const done of waiting) done(end);
  }

  #failed(account: TokenAccount, fault: Fault): void {
    const { clock, random, log } = this.#parts;
    // What the cluster withheld was no try at the service.
    const isOurs = fault.source === 'node';
    if (!isOurs) account.failedCount++;
    const ownMs = backoffMs(account.failures++, isOurs ? consentDelays : delays, random);
    const delayMs = Math.max(delayMsMin + ownMs, fault.retryAfterMs ?? 0);
    account.notBeforeMs = clock.monotonicMs() + delayMs;
    if (account.needsLogin !== undefined) return;
    log.warn(`the token of account ${account.id} was not refreshed: ${fault.message}`, {
      account: account.id,
      code: fault.code,
      next_try_seconds: Math.ceil(delayMs / 1_000),
    });
  }
}

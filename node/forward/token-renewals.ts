import type { Clock } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import type { Account } from '../accounts/contract.ts';
import { protocolFaults } from '../protocols/faults.ts';
import type { Upstream } from '../providers/contract.ts';
import type { Call } from './call.ts';

export function isTokenRefused(fault: Fault): boolean {
  return fault.code === 'upstream_token_refused';
}

/**
 * The OAuth tokens that one call was refused for. Each account's token is refreshed once and the account tried once
 * more; other accounts come first, and only a call that has none left waits.
 */
export class TokenRenewals {
  #token: Upstream['token'];
  #used: string | undefined;
  /** Accounts that were refused once, by the promise of another token. At most one entry a tried account. */
  readonly #awaited = new Map<Account, Promise<boolean>>();
  readonly #refused = new Set<Account>();

  /** Notes the token that the request is about to be sent with. */
  sending(upstream: Upstream): void {
    this.#token = upstream.token;
    this.#used = upstream.token?.current();
  }

  /** The token that the request was sent with. */
  get used(): string | undefined {
    return this.#used;
  }

  get areAwaited(): boolean {
    return this.#awaited.size > 0;
  }

  /**
   * Has a refused token refreshed, and gives the fault back as it is. What is refused again, or with a token that has
   * only just come, is the account's failure: then the fault is `upstream_unauthorised`.
   */
  judge(fault: Fault, account: Account | undefined): Fault {
    if (!isTokenRefused(fault) || account === undefined) return fault;
    const isAgain = this.#refused.has(account);
    this.#refused.add(account);
    const renewal = isAgain || this.#used === undefined ? undefined : this.#token?.refused(this.#used);
    if (renewal === undefined) {
      const { message, upstreamStatus } = fault;
      return protocolFaults.upstream_unauthorised(message, upstreamStatus === undefined ? {} : { upstreamStatus });
    }
    this.#awaited.set(account, renewal);
    return fault;
  }

  /**
   * Waits without a place of the node, and calls `enter` when an account has another token (it may be tried again then),
   * or once it is clear that none gets one. Gives back how to stop waiting.
   */
  next(call: Call, clock: Clock, enter: () => void): () => void {
    const sinceMs = clock.monotonicMs();
    call.place?.release();
    call.place = undefined;
    let isOver = false;
    const end = (account: Account | undefined) => {
      if (isOver) return;
      isOver = true;
      call.waitedMs += clock.monotonicMs() - sinceMs;
      if (account === undefined) this.#awaited.clear();
      else {
        this.#awaited.delete(account);
        call.tried = call.tried.filter((each) => each !== account);
      }
      enter();
    };
    const all = [...this.#awaited].map(async ([account, renewal]) => {
      if (await renewal) end(account);
    });
    void Promise.all(all).then(() => end(undefined));
    return () => (isOver = true);
  }
}

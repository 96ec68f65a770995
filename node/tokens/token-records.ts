import type { Fence } from '../../cluster/intents/contract.ts';
import type { Records } from '../../cluster/replicated/contract.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import { isFault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import type { TokenAccount } from './token-account.ts';
import { tokensTable } from './token-record.ts';

/** A full table does not empty by itself within seconds; the token is on disk and in use meanwhile. */
const retryMs = 30_000;

export interface TokenRecordsParts {
  readonly records: Pick<Records, 'putStamped'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Called a while after the records refused an account's token: it is to be published again. */
  readonly onRetry: (account: TokenAccount) => void;
}

/** Tells the others of tokens. A record that is refused must not cost the token that it is about. */
export class TokenRecords {
  readonly #parts: TokenRecordsParts;
  /** At most the accounts there are. */
  readonly #refused = new Set<TokenAccount>();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(parts: TokenRecordsParts) {
    this.#parts = parts;
  }

  /** `late`: a newer one is there already. `refused`: nobody was told; `onRetry` follows. Never throws a Fault. */
  put(account: TokenAccount, payload: unknown, { term, sequence }: Fence): 'put' | 'late' | 'refused' {
    try {
      const record = this.#parts.records.putStamped(tokensTable, account.id, payload, { major: term, minor: sequence });
      return record === undefined ? 'late' : 'put';
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#parts.log.error(
        `the others cannot be told of the token of account ${account.id}: ${error.message}; next try in ${retryMs / 1000} s`,
        { account: account.id, code: error.code },
      );
      this.#refused.add(account);
      this.#plan();
      return 'refused';
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #plan(): void {
    if (this.#isStopped) return;
    this.#timer ??= this.#parts.clock.after(retryMs, () => {
      this.#timer = undefined;
      const refused = [...this.#refused];
      this.#refused.clear();
      for (const account of refused) this.#parts.onRetry(account);
    });
  }
}

import type { Fault } from '../../../kit/fault.ts';
import { isTokenRefused } from '../token-renewals.ts';
import type { ClientSink, Relay } from './contract.ts';
import { HeldAnswer } from './held-answer.ts';

// As of other errors: what is longer is a page that says nothing more about the account.
const readBytesMax = 64 * 1024;

/**
 * The transparent route's errors: they go through as the upstream sent them, and are read on the way, since a limit or
 * a failure says as much about the account here as elsewhere.
 */
export class RawErrorPass implements Relay {
  readonly keepAlive = '';
  isComplete = false;
  fault: Fault | undefined;
  readonly #sink: ClientSink;
  readonly #status: number;
  readonly #headers: readonly string[];
  readonly #read: (body: Buffer) => Fault;
  readonly #isAccounts: boolean;
  readonly #held = new HeldAnswer(readBytesMax);
  #isCommitted = false;

  /** `isAccounts`: such an answer says something about the account; others may be the client's own doing. */
  constructor(
    sink: ClientSink,
    status: number,
    headers: readonly string[],
    read: (body: Buffer) => Fault,
    isAccounts: boolean,
  ) {
    this.#sink = sink;
    this.#status = status;
    this.#headers = headers;
    this.#read = read;
    this.#isAccounts = isAccounts;
  }

  data(chunk: Buffer): void {
    if (this.#isCommitted) this.#sink.write(chunk);
    else {
      this.#held.push(chunk);
      if (this.#held.isOverfull) this.#commit();
    }
  }

  end(): void {
    this.isComplete = true;
    if (!this.#isCommitted) this.#commit();
    this.#sink.endStream('');
  }

  noteUsage(): void {}

  commitEarly(): void {}

  /** The bytes are not ours to complete: the connection breaks, as it did at the upstream. */
  failureText(_fault: Fault): string {
    return '';
  }

  #commit(): void {
    const body = this.#held.take();
    const fault = this.#read(body);
    // The token is the account's: the client hears of it only if another one does not help.
    if (isTokenRefused(fault)) throw fault;
    this.#isCommitted = true;
    if (this.#isAccounts) this.fault = fault;
    this.#sink.commitRaw(this.#status, this.#withRetryAfter(fault));
    if (body.length > 0) this.#sink.write(body);
  }

  /** Every 429 says when to come back, also where the upstream does not. */
  #withRetryAfter({ retryAfterMs = 1000 }: Fault): readonly string[] {
    if (this.#status !== 429 || this.#headers.includes('retry-after')) return this.#headers;
    return [...this.#headers, 'retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000)))];
  }
}

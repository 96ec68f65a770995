import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Client as UpstreamClient, Dispatcher } from 'undici';
import { tokenFaults } from '../tokens/faults.ts';
import type { HttpExchange, HttpOutcome, HttpSend } from '../tokens/contract.ts';
import type { WireHeaders } from '../wire/contract.ts';
import { assertDiallable, guardedLookup } from './guarded-lookup.ts';
import { transportFault } from './transport-fault.ts';
import { Client } from './undici.ts';

export interface LoneExchangeOptions {
  connectTimeoutMs: number;
  /**
   * A connection that says nothing for so long is given up. The answer may hold what nobody else has, so this is far
   * longer than any service takes; a peer that is gone shows itself by TCP's keep-alive before.
   */
  answerTimeoutMs: number;
}

export const loneExchangeDefaults: LoneExchangeOptions = { connectTimeoutMs: 10_000, answerTimeoutMs: 600_000 };

/** Sends single requests, each over a connection of its own that is closed afterwards; see `HttpSend`. */
export function loneExchange(options = loneExchangeDefaults, lookup: LookupFunction = systemLookup): HttpSend {
  return (exchange) =>
    new Promise((done) => {
      new LoneExchange(exchange, (outcome) => done(outcome)).start(options, lookup);
    });
}

class LoneExchange implements Dispatcher.DispatchHandler {
  readonly #exchange: HttpExchange;
  readonly #done: (outcome: HttpOutcome) => void;
  readonly #chunks: Buffer[] = [];
  #client: UpstreamClient | undefined;
  #isWritten = false;
  #isDone = false;
  #status = 0;
  #headers: WireHeaders = {};
  #bytes = 0;

  constructor(exchange: HttpExchange, done: (outcome: HttpOutcome) => void) {
    this.#exchange = exchange;
    this.#done = done;
  }

  start(options: LoneExchangeOptions, lookup: LookupFunction): void {
    const { url, headers, body } = this.#exchange;
    try {
      const { origin, hostname, pathname, search } = new URL(url);
      assertDiallable(hostname);
      this.#client = new Client(origin, {
        pipelining: 1,
        allowH2: false,
        connect: { timeout: options.connectTimeoutMs, noDelay: true, lookup: guardedLookup(lookup) },
      });
      this.#client.dispatch(
        {
          path: pathname + search,
          method: 'POST',
          headers: [...headers],
          body,
          reset: true,
          headersTimeout: options.answerTimeoutMs,
          bodyTimeout: options.answerTimeoutMs,
        },
        this,
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The connection stands, and the first byte is about to be written in this very tick. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#exchange.mayWrite()) this.#isWritten = true;
    else controller.abort(tokenFaults.token_refresh_pending('the time to send the request was over'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: WireHeaders): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#exchange.answerBytesMax) this.#chunks.push(chunk);
    else controller.abort(tokenFaults.token_answer_malformed('the answer has no end'));
  }

  onResponseEnd(): void {
    this.#end({ kind: 'answered', status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #fail(error: unknown): void {
    // A refusal says what it says by its status already, also where its text breaks off.
    if (this.#status >= 300) return this.onResponseEnd();
    const fault = transportFault(error, this.#isWritten ? 'sent' : 'connecting');
    this.#end({ kind: this.#isWritten ? 'unknown' : 'not_sent', fault });
  }

  #end(outcome: HttpOutcome): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#done(outcome);
    void this.#client?.destroy();
  }
}

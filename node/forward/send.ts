import type { Dispatcher } from 'undici';
import type { Clock } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import type { Upstream, UpstreamRequest } from '../providers/contract.ts';
import type { WireHeaders } from '../wire/contract.ts';
import type { Call } from './call.ts';
import type { Relay } from './relay/contract.ts';
import { type SendPhase, transportFault } from './transport-fault.ts';
import type { UpstreamPools } from './pools.ts';

/** What the order of steps wants to hear of one attempt. Exactly one of `succeeded` and `failed` is called, once. */
export interface SendListener {
  /** An answer has begun: says how to relay it, or throws the Fault that it stands for. Undefined: read it as an error. */
  openRelay(status: number, headers: WireHeaders): Relay | undefined;
  readFault(status: number, headers: WireHeaders, body: Buffer): Fault;
  succeeded(): void;
  failed(fault: Fault): void;
}

export interface SendTimeouts {
  requestTimeoutMs: number;
  idleTimeoutMs: number;
}

// Error bodies are short; what exceeds this is a page of HTML that nobody will be shown.
const errorBodyBytesMax = 64 * 1024;

/** One request at one upstream: undici's handler, written straight through to the relay. */
export class Sending implements Dispatcher.DispatchHandler {
  readonly call: Call;
  readonly #clock: Clock;
  readonly #listener: SendListener;
  #controller: Dispatcher.DispatchController | undefined;
  #phase: SendPhase = 'connecting';
  #isDone = false;
  #relay: Relay | undefined;
  #status = 0;
  #headers: WireHeaders = {};
  #errorBody: Buffer[] | undefined;
  #errorBytes = 0;

  constructor(call: Call, clock: Clock, listener: SendListener) {
    this.call = call;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** It has ended, one way or the other. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** It is on its way, so that the upstream may have begun to work on it. */
  get hasGone(): boolean {
    return this.#phase !== 'connecting';
  }

  get relay(): Relay | undefined {
    return this.#relay;
  }

  /** It cannot be sent. */
  refuse(fault: Fault): void {
    this.#fail(fault);
  }

  start(pools: UpstreamPools, upstream: Upstream, request: UpstreamRequest, timeouts: SendTimeouts): void {
    // The client left while the request was authorised.
    if (this.#isDone) return;
    this.call.sentMs = this.#clock.monotonicMs();
    this.call.isSent = true;
    try {
      pools.get(request.origin ?? upstream.origin).dispatch(
        {
          path: request.path,
          method: request.method as Dispatcher.HttpMethod,
          // undici reads the list and leaves it as it is.
          headers: request.headers as string[],
          body: request.body ?? null,
          headersTimeout: timeouts.requestTimeoutMs,
          bodyTimeout: timeouts.idleTimeoutMs,
        },
        this,
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The client is gone or the node stops: ends the upstream call at once. No further callback. */
  abort(): void {
    this.#isDone = true;
    this.#controller?.abort(new Error('the client went away'));
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#phase = 'sent';
    if (this.#isDone) controller.abort(new Error('the client went away'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: WireHeaders): void {
    if (status < 200 || this.#isDone) return;
    this.#phase = 'answering';
    this.call.firstByteMs = this.#clock.monotonicMs();
    this.#status = status;
    this.#headers = headers;
    this.#relay = this.#listener.openRelay(status, headers);
    if (this.#relay === undefined) this.#errorBody = [];
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isDone) return;
    if (this.#relay !== undefined) {
      this.#relay.data(chunk);
      if (this.#relay.isOver === true) this.finishEarly();
      return;
    }
    this.#errorBytes += chunk.length;
    this.#errorBody?.push(chunk);
    // An error that goes on and on has said what it says.
    if (this.#errorBytes >= errorBodyBytesMax) this.#cut(() => this.#fail(this.#readFault()));
  }

  /** The answer's last event was relayed, but the upstream keeps the answer open: the client need not wait for it. */
  finishEarly(): void {
    if (!this.#isDone && this.#relay?.isComplete === true) this.#cut(() => this.#complete());
  }

  /** Ends the upstream call after `conclude` has told how it went. */
  #cut(conclude: () => void): void {
    const controller = this.#controller;
    conclude();
    controller?.abort(new Error('the answer was over'));
  }

  onResponseEnd(): void {
    if (this.#isDone) return;
    try {
      if (this.#relay === undefined) throw this.#readFault();
      this.#relay.end();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#isDone = true;
    this.#listener.succeeded();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isDone) return;
    // An error answer whose connection breaks half-way still says what it says.
    if (this.#errorBody !== undefined && this.#errorBytes > 0) this.#fail(this.#readFault());
    else if (this.#relay?.isComplete === true) this.#complete();
    else this.#fail(error);
  }

  /** The terminal event had been relayed; the connection broke only after it. */
  #complete(): void {
    try {
      this.#relay?.end();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#isDone = true;
    this.#listener.succeeded();
  }

  #readFault(): Fault {
    const body = Buffer.concat(this.#errorBody ?? []).subarray(0, errorBodyBytesMax);
    return this.#listener.readFault(this.#status, this.#headers, body);
  }

  #fail(error: unknown): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#listener.failed(transportFault(error, this.#phase));
  }
}

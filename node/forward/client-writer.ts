import type { Clock } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import type { Call } from './call.ts';
import { type AnswerFrame, commitRaw, commitStream, endStream, sendWhole } from './client-side.ts';
import type { ClientSink } from './relay/contract.ts';
import type { Relay } from './relay/contract.ts';
import type { Sending } from './send.ts';
import type { WatchedStream } from './stream-watch.ts';

/** The client's end of one call: writes, and lets the upstream wait when the client is slower than it. */
export class ClientWriter implements ClientSink, WatchedStream {
  denseIndex = -1;
  lastWriteMs: number;
  /** The attempt whose answer is being relayed. */
  sending: Sending | undefined;
  readonly #call: Call;
  readonly #frame: AnswerFrame;
  readonly #clock: Clock;
  #isPaused = false;
  #drainIsHeard = false;

  constructor(call: Call, frame: AnswerFrame, clock: Clock) {
    this.#call = call;
    this.#frame = frame;
    this.#clock = clock;
    this.lastWriteMs = call.startedMs;
  }

  get isCommitted(): boolean {
    return this.#call.committed;
  }

  commitStream(contentType: string): void {
    commitStream(this.#call, this.#frame, contentType);
    this.lastWriteMs = this.#clock.monotonicMs();
  }

  commitRaw(status: number, headers: readonly string[]): void {
    commitRaw(this.#call, this.#frame, status, headers);
    this.#call.admission?.forbid();
  }

  write(bytes: Buffer | string): void {
    if (this.#call.ended || this.#call.clientGone) return;
    this.lastWriteMs = this.#clock.monotonicMs();
    this.#call.promptCopy?.push(bytes);
    if (!this.#call.response.write(bytes)) this.#pause();
  }

  sendWhole(body: Buffer | string): void {
    sendWhole(this.#call, this.#frame, body);
    this.#call.admission?.keep(body);
  }

  endStream(closing: string): void {
    endStream(this.#call, closing);
  }

  get isComplete(): boolean {
    return this.#relay?.isComplete === true;
  }

  finishEarly(): void {
    this.sending?.finishEarly();
  }

  commitEarly(): void {
    this.#relay?.commitEarly();
    // node:http keeps the head back until the first byte of the body, which may be long in coming.
    if (this.#call.committed && !this.#call.ended) this.#call.response.flushHeaders();
  }

  keepAlive(): void {
    const text = this.#relay?.keepAlive ?? '';
    // A client that does not read what it was sent needs no sign of life, and pings must not pile up in memory.
    if (text !== '' && !this.#isPaused) this.write(text);
  }

  /** After the commit a failure can only be told inside the answer; where even that is impossible the connection breaks. */
  failCommitted(fault: Fault): void {
    this.#call.brokeOff = true;
    this.#call.lastFault = fault;
    const text = this.#relay?.failureText(fault) ?? '';
    if (text === '') {
      this.#call.ended = true;
      this.#call.response.destroy();
    } else this.endStream(text);
  }

  get #relay(): Relay | undefined {
    return this.sending?.relay;
  }

  #pause(): void {
    this.#isPaused = true;
    this.sending?.pause();
    if (this.#drainIsHeard) return;
    this.#drainIsHeard = true;
    this.#call.response.on('drain', () => this.#resume());
  }

  #resume(): void {
    this.#isPaused = false;
    this.sending?.resume();
  }
}

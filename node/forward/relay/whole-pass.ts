import type { Fault } from '../../../kit/fault.ts';
import type { ClientProtocol } from '../../protocols/contract.ts';
import type { Upstream } from '../../providers/contract.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import type { Call } from '../call.ts';
import { assertAnswer } from './assert-answer.ts';
import type { ClientSink, Relay } from './contract.ts';
import { HeldAnswer } from './held-answer.ts';
import { answerTokens, bytesPerToken } from './relayed-tokens.ts';
import { UsageInTail } from './usage-in-tail.ts';

/**
 * A non-streamed answer in the client's own protocol: held until complete and sent as the bytes it is. An answer too
 * long to hold flows through; it can then no longer be retried.
 */
export class WholePass implements Relay {
  readonly keepAlive = '';
  isComplete = false;
  readonly #call: Call;
  readonly #sink: ClientSink;
  readonly #protocol: ClientProtocol;
  readonly #upstream: Upstream;
  readonly #headers: WireHeaders;
  readonly #rename: { from: string; to: string } | undefined;
  readonly #held: HeldAnswer;
  /** Set once it flows. */
  #tail: UsageInTail | undefined;
  #flowed = 0;
  /** An answer without a count of its tokens. */
  #uncounted: Buffer | undefined;

  constructor(
    call: Call,
    sink: ClientSink,
    upstream: Upstream,
    headers: WireHeaders,
    rename: { from: string; to: string } | undefined,
    heldBytesMax: number,
  ) {
    this.#call = call;
    this.#sink = sink;
    this.#protocol = call.protocol;
    this.#upstream = upstream;
    this.#headers = headers;
    this.#rename = rename;
    this.#held = new HeldAnswer(heldBytesMax);
  }

  data(chunk: Buffer): void {
    if (this.#tail !== undefined) {
      this.#pass(chunk, this.#tail);
      return;
    }
    this.#held.push(chunk);
    if (this.#held.isOverfull) this.#flow();
  }

  end(): void {
    this.isComplete = true;
    if (this.#tail !== undefined) {
      this.#call.usage = this.#tail.usage();
      this.#sink.endStream('');
      return;
    }
    const body = this.#held.take();
    const facts = this.#protocol.scanAnswer(body);
    assertAnswer(facts, body, this.#headers, this.#upstream);
    this.#call.usage = facts.usage;
    if (facts.usage.outputTotal === undefined) this.#uncounted = body;
    const rename = this.#rename;
    this.#sink.sendWhole(rename === undefined ? body : this.#protocol.renameAnswer(body, rename.from, rename.to));
  }

  noteUsage(): void {}

  estimateOutput(): number {
    if (this.#uncounted !== undefined) return answerTokens(this.#uncounted);
    return Math.ceil((this.#flowed + this.#held.bytes) / bytesPerToken);
  }

  commitEarly(): void {}

  /** Only asked for while flowing: half a JSON document cannot carry an error, the connection must break. */
  failureText(_fault: Fault): string {
    return '';
  }

  #flow(): void {
    const tail = new UsageInTail(this.#protocol);
    this.#tail = tail;
    this.#sink.commitRaw(200, ['content-type', 'application/json']);
    this.#pass(this.#held.take(), tail);
  }

  #pass(bytes: Buffer, tail: UsageInTail): void {
    this.#flowed += bytes.length;
    tail.push(bytes);
    this.#sink.write(bytes);
  }
}

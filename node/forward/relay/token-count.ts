import { protocolFaults } from '../../protocols/faults.ts';
import type { TokenCountCall } from '../../providers/contract.ts';
import type { Call } from '../call.ts';
import type { ClientSink, Relay } from './contract.ts';
import { HeldAnswer } from './held-answer.ts';

/** An upstream's count of tokens, told to a client of another protocol. */
export class TokenCount implements Relay {
  readonly keepAlive = '';
  isComplete = false;
  readonly #call: Call;
  readonly #sink: ClientSink;
  readonly #parse: TokenCountCall['parse'];
  readonly #held: HeldAnswer;

  constructor(call: Call, sink: ClientSink, parse: TokenCountCall['parse'], heldBytesMax: number) {
    this.#call = call;
    this.#sink = sink;
    this.#parse = parse;
    this.#held = new HeldAnswer(heldBytesMax);
  }

  data(chunk: Buffer): void {
    this.#held.pushBounded(chunk);
  }

  end(): void {
    const inputTokens = this.#parse(this.#held.take());
    if (inputTokens === undefined) throw protocolFaults.upstream_bad_answer('the upstream answered without a count');
    this.isComplete = true;
    this.#sink.sendWhole(JSON.stringify(this.#call.protocol.encodeTokenCount(inputTokens)));
  }

  noteUsage(): void {}

  commitEarly(): void {}

  /** Nothing is sent before all of it is there. */
  failureText(): string {
    return '';
  }
}

import { isJsonObject, parseJson } from '../../../kit/json.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import type { Call } from '../call.ts';
import type { ClientSink, Relay } from './contract.ts';
import { HeldAnswer } from './held-answer.ts';

/**
 * A count of tokens in the client's own protocol: sent as the bytes it is, if it is one. Code Assist answers `{}` at
 * times, and a client takes what is absent for nothing.
 */
export class CountPass implements Relay {
  readonly keepAlive = '';
  isComplete = false;
  readonly #call: Call;
  readonly #sink: ClientSink;
  readonly #held: HeldAnswer;

  constructor(call: Call, sink: ClientSink, heldBytesMax: number) {
    this.#call = call;
    this.#sink = sink;
    this.#held = new HeldAnswer(heldBytesMax);
  }

  data(chunk: Buffer): void {
    this.#held.pushBounded(chunk);
  }

  end(): void {
    const body = this.#held.take();
    // The one member that a count of this protocol has.
    const [member = ''] = Object.keys(this.#call.protocol.encodeTokenCount(0));
    const answer = parseJson(body.toString());
    if (!isJsonObject(answer) || typeof answer[member] !== 'number') {
      throw protocolFaults.upstream_bad_answer('the upstream answered without a count');
    }
    this.isComplete = true;
    this.#sink.sendWhole(body);
  }

  noteUsage(): void {}

  commitEarly(): void {}

  /** Nothing is sent before all of it is there. */
  failureText(): string {
    return '';
  }
}

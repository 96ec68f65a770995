import type { Fault } from '../../../kit/fault.ts';
import { unfold } from '../../conversation/unfold.ts';
import type { Answer, StreamEvent } from '../../conversation/contract.ts';
import type { AnswerContext } from '../../protocols/contract.ts';
import type { AnswerReader } from '../../providers/contract.ts';
import type { Call } from '../call.ts';
import type { ClientSink, Relay } from './contract.ts';
import { HeldAnswer } from './held-answer.ts';
import { RelayedText } from './relayed-tokens.ts';
import { StreamedAnswer } from './streamed-answer.ts';
import { streamContentType } from './stream-content-type.ts';

/**
 * A non-streamed upstream answer in another format than the client's: read whole, translated, and sent either whole
 * or, to a client that asked for a stream, as a well-formed stream.
 */
export class WholeTranslated implements Relay {
  readonly keepAlive: string;
  isComplete = false;
  readonly #call: Call;
  readonly #sink: ClientSink;
  readonly #reader: AnswerReader;
  readonly #context: AnswerContext;
  readonly #held: HeldAnswer;
  readonly #streamed: StreamedAnswer | undefined;
  #answer: Answer | undefined;

  constructor(call: Call, sink: ClientSink, reader: AnswerReader, context: AnswerContext, heldBytesMax: number) {
    this.#call = call;
    this.#sink = sink;
    this.#reader = reader;
    this.#context = context;
    this.#held = new HeldAnswer(heldBytesMax);
    if (reader.wholeIsStream === true) this.#streamed = new StreamedAnswer(reader.openDecoder(), heldBytesMax);
    this.keepAlive = context.framing === 'sse' ? ': keepalive\n\n' : ' ';
  }

  get isOver(): boolean {
    return this.#streamed?.isOver === true;
  }

  data(chunk: Buffer): void {
    if (this.#streamed === undefined) this.#held.pushBounded(chunk);
    else this.#streamed.push(chunk);
    if (this.isOver) this.isComplete = true;
  }

  end(): void {
    const answer = this.#streamed?.take() ?? this.#reader.decodeAnswer(this.#held.take());
    this.isComplete = true;
    this.#answer = answer;
    this.#call.usage = answer.usage;
    this.#call.isEstimate = answer.usage.estimated === true;
    if (this.#call.stream) this.#sendAsStream(answer);
    else this.#sink.sendWhole(JSON.stringify(this.#call.protocol.encodeAnswer(answer, this.#context)));
  }

  noteUsage(): void {}

  estimateOutput(): number {
    const written = new RelayedText();
    for (const part of this.#answer?.parts ?? []) {
      if (part.type === 'text' || part.type === 'thinking') written.add(part.text);
      else if (part.type === 'tool_call') written.add(`${part.name} ${part.argumentsJson}`);
    }
    return written.tokens();
  }

  commitEarly(): void {
    if (this.#call.stream) this.#sink.commitStream(streamContentType(this.#context.framing));
  }

  failureText(fault: Fault): string {
    return this.#call.protocol.encodeStreamFault(fault, this.#call.id, this.#context.framing);
  }

  #sendAsStream(answer: Answer): void {
    const encoder = this.#call.protocol.openEncoder(this.#context);
    let text = '';
    for (const event of unfold(answer) as Iterable<StreamEvent>) text += encoder.push(event);
    this.#sink.commitStream(streamContentType(this.#context.framing));
    this.#sink.endStream(text + encoder.end());
  }
}

import type { Fault } from '../../../kit/fault.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import type { AnswerContext, StreamDecoder, StreamEncoder } from '../../protocols/contract.ts';
import type { StreamEvent, Usage } from '../../conversation/contract.ts';
import type { Call } from '../call.ts';
import type { ClientSink, Relay } from './contract.ts';
import { RelayedText } from './relayed-tokens.ts';
import { streamContentType } from './stream-content-type.ts';

const sseContentType = streamContentType('sse');

/**
 * A stream in another format than the client's, event by event through the middle form. What one chunk of the
 * upstream yields goes to the client in one write; until the first content it is held back.
 */
export class StreamTranslated implements Relay {
  /** Until the stream has begun in the client's dialect only a comment: an event before the first one breaks SDKs. */
  keepAlive: string;
  isComplete = false;
  readonly #call: Call;
  readonly #sink: ClientSink;
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;
  readonly #contentType: string;
  readonly #events: StreamEvent[] = [];
  readonly #relayed = new RelayedText();
  #held = '';
  #hasContent = false;
  #firstOutputTotal: number | undefined;

  constructor(call: Call, sink: ClientSink, decoder: StreamDecoder, context: AnswerContext) {
    this.#call = call;
    this.#sink = sink;
    this.#decoder = decoder;
    this.#encoder = call.protocol.openEncoder(context);
    this.#contentType = streamContentType(context.framing);
    this.keepAlive = context.framing === 'sse' ? ': keepalive\n\n' : call.protocol.keepAlive.jsonArray;
  }

  get isOver(): boolean {
    return this.#decoder.isOver === true;
  }

  data(chunk: Buffer): void {
    this.#decoder.push(chunk, this.#events);
    this.#drain();
  }

  end(): void {
    this.#decoder.end(this.#events);
    this.#drain();
    if (!this.isComplete)
      throw protocolFaults.upstream_truncated('the upstream closed the stream before its last event');
    this.#commit();
    this.#sink.endStream(this.#encoder.end());
  }

  /** Usage is written down as it comes. */
  noteUsage(): void {}

  estimateOutput(): number {
    return this.#relayed.tokens();
  }

  commitEarly(): void {
    this.#commit();
  }

  failureText(fault: Fault): string {
    return this.#encoder.push({ type: 'fault', fault });
  }

  #drain(): void {
    const events = this.#events;
    if (events.length === 0) return;
    let text = '';
    let fault: Fault | undefined;
    for (const event of events) {
      if (event.type === 'fault') {
        fault = event.fault;
        break;
      }
      this.#note(event);
      text += this.#encoder.push(event);
    }
    events.length = 0;
    if (fault !== undefined) this.#failAfter(text, fault);
    this.#send(text);
  }

  #note(event: StreamEvent): void {
    if (event.type === 'start') {
      if (this.#contentType === sseContentType) this.keepAlive = this.#call.protocol.keepAlive.sse;
      if (event.usage !== undefined) this.#noteStart(event.usage);
    } else if (event.type === 'usage') this.#addUsage(event.usage);
    else {
      this.#hasContent = true;
      if (event.type === 'finish') this.#finish();
      else if (event.type === 'text' || event.type === 'thinking') this.#relayed.add(event.text);
      else if (event.type === 'tool_start') this.#relayed.add(event.name);
      else if (event.type === 'tool_arguments') this.#relayed.add(event.json);
    }
  }

  /** What is counted of the output before there is any is no count of it, unless no other comes. */
  #noteStart({ outputTotal, ...usage }: Usage): void {
    this.#firstOutputTotal = outputTotal;
    this.#addUsage(usage);
  }

  #finish(): void {
    this.isComplete = true;
    if (this.#firstOutputTotal !== undefined && this.#call.usage.outputTotal === undefined)
      this.#addUsage({ outputTotal: this.#firstOutputTotal });
  }

  #addUsage(usage: Usage): void {
    this.#call.usage = { ...this.#call.usage, ...usage };
  }

  #send(text: string): void {
    if (text === '') return;
    if (!this.#hasContent && !this.#sink.isCommitted) {
      this.#held += text;
      return;
    }
    this.#commit();
    this.#sink.write(text);
  }

  #failAfter(text: string, fault: Fault): never {
    if (this.#sink.isCommitted && text !== '') this.#sink.write(text);
    throw fault;
  }

  #commit(): void {
    if (this.#sink.isCommitted) return;
    this.#sink.commitStream(this.#contentType);
    if (this.#held !== '') this.#sink.write(this.#held);
    this.#held = '';
  }
}

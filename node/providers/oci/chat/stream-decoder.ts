import type { StreamEvent } from '../../../conversation/contract.ts';
import { DoneMarkedDecoder } from '../../../protocols/done-marked-decoder.ts';
import { type AnswerEvent, readAnswerEvent } from './answer-event.ts';
import type { ContentReader, ReadingContext } from './contract.ts';
import { finishEvent, isFailure } from './finish-reason.ts';
import { lineEvents } from './line-events.ts';
import { faultOfError } from './stream-fault.ts';

/** Reads the events of a stream: data only, one JSON object each, `pad` in it is filler. */
export class OciStreamDecoder extends DoneMarkedDecoder {
  readonly #context: ReadingContext;
  readonly #content: ContentReader;

  constructor(context: ReadingContext) {
    super();
    this.#context = context;
    this.#content = context.openContent();
  }

  override push(bytes: Uint8Array, out: StreamEvent[]): void {
    super.push(lineEvents(bytes), out);
  }

  protected get hasContent(): boolean {
    return this.#content.saw.content;
  }

  protected read(_name: string | undefined, data: string, out: StreamEvent[]): void {
    const event = readAnswerEvent(data);
    if (!this.hasFinished) this.#readContent(event, out);
    if (event.usage !== undefined) out.push({ type: 'usage', usage: event.usage });
  }

  protected endContent(out: StreamEvent[]): void {
    this.#content.end(out);
  }

  protected finishEvent(reason: string): StreamEvent {
    return finishEvent(reason, this.#content.saw, this.#context.stop);
  }

  /** An event that ends the answer may bring content as well, which comes first. */
  #readContent(event: AnswerEvent, out: StreamEvent[]): void {
    const { finishReason } = event;
    if (isFailure(finishReason)) throw faultOfError({ message: event.errorMessage ?? `finishReason ${finishReason}` });
    this.start(event.id || this.#context.id, event.model || this.#context.model, out);
    this.#content.read(event.content, out);
    if (finishReason !== '') this.finish(finishReason, out);
  }
}

import { isFault } from '../../../../kit/fault.ts';
import type { StreamEvent } from '../../../conversation/contract.ts';
import type { StreamDecoder } from '../../../protocols/contract.ts';
import { protocolFaults } from '../../../protocols/faults.ts';
import { eventTooLarge } from '../../../protocols/sse-relay.ts';
import { SseParser, sseEventSizeBytesMax } from '../../../wire/sse.ts';
import { type AnswerEvent, readAnswerEvent } from './answer-event.ts';
import type { ContentReader, ReadingContext } from './contract.ts';
import { finishEvent, isFailure } from './finish-reason.ts';
import { lineEvents } from './line-events.ts';
import { faultOfError } from './stream-fault.ts';

/**
 * Reads the events of a stream: data only, one JSON object each, `pad` in it is filler.
 *
 *   begun ─► open ─► finished ─► ended        `[DONE]` or the end of the body end a finished answer;
 *     └───────┴──────────┴────► ended         an error, or the end before a finish reason, is a fault
 *
 * `[DONE]` after content but without a reason is the upstream's own word that the answer is whole.
 */
export class OciStreamDecoder implements StreamDecoder {
  readonly #parser = new SseParser({ eventSizeBytesMax: sseEventSizeBytesMax, tooLarge: eventTooLarge });
  readonly #context: ReadingContext;
  readonly #content: ContentReader;
  #state: 'begun' | 'open' | 'finished' | 'ended' = 'begun';

  constructor(context: ReadingContext) {
    this.#context = context;
    this.#content = context.openContent();
  }

  push(bytes: Uint8Array, out: StreamEvent[]): void {
    this.#guard(out, () => this.#parser.push(lineEvents(bytes), (_, data) => this.#event(data, out)));
  }

  end(out: StreamEvent[]): void {
    this.#guard(out, () => {
      this.#parser.end((_, data) => this.#event(data, out));
      if (this.#state === 'begun' || this.#state === 'open') {
        throw protocolFaults.upstream_truncated('the upstream closed its stream before a finish reason');
      }
      this.#state = 'ended';
    });
  }

  /** Faults become the last event. */
  #guard(out: StreamEvent[], action: () => void): void {
    if (this.#state === 'ended') return;
    try {
      action();
    } catch (error) {
      if (!isFault(error)) throw error;
      if (this.#state !== 'finished') out.push({ type: 'fault', fault: error });
      this.#state = 'ended';
    }
  }

  #event(data: string, out: StreamEvent[]): void {
    if (this.#state === 'ended') return;
    if (data.trim() === '[DONE]') this.#done(out);
    else this.#read(readAnswerEvent(data), out);
  }

  #read(event: AnswerEvent, out: StreamEvent[]): void {
    if (this.#state !== 'finished') this.#readContent(event, out);
    if (event.usage !== undefined) out.push({ type: 'usage', usage: event.usage });
  }

  /** An event that ends the answer may bring content as well, which comes first. */
  #readContent(event: AnswerEvent, out: StreamEvent[]): void {
    const { finishReason } = event;
    if (isFailure(finishReason)) throw faultOfError({ message: event.errorMessage ?? `finishReason ${finishReason}` });
    this.#start(event, out);
    this.#content.read(event.content, out);
    if (finishReason !== '') this.#finish(finishReason, out);
  }

  #start({ id, model }: AnswerEvent, out: StreamEvent[]): void {
    if (this.#state !== 'begun') return;
    this.#state = 'open';
    out.push({ type: 'start', id: id || this.#context.id, model: model || this.#context.model });
  }

  #finish(word: string, out: StreamEvent[]): void {
    this.#content.end(out);
    this.#state = 'finished';
    out.push(finishEvent(word, this.#content.saw, this.#context.stop));
  }

  #done(out: StreamEvent[]): void {
    if (this.#state !== 'finished' && !this.#content.saw.content) {
      throw protocolFaults.upstream_truncated('the upstream ended its stream without an answer');
    }
    if (this.#state === 'open') this.#finish('', out);
    this.#state = 'ended';
  }
}

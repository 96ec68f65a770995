import { isFault } from '../../kit/fault.ts';
import type { StreamEvent } from '../conversation/contract.ts';
import { SseParser, sseEventSizeBytesMax } from '../wire/sse.ts';
import type { StreamDecoder } from './contract.ts';
import { protocolFaults } from './faults.ts';
import { eventTooLarge } from './sse-relay.ts';

/**
 * Reads a stream of server-sent events that tells why the answer ended and then says `[DONE]`.
 *
 *   begun ─► open ─► finished ─► ended        `[DONE]` or the end of the body end a finished answer;
 *     └───────┴──────────┴────► ended         an error, or the end before a finish reason, is a fault
 *
 * `[DONE]` after content but without a reason is the upstream's own word that the answer is whole; the end of the body
 * without either is a cut.
 */
export abstract class DoneMarkedDecoder implements StreamDecoder {
  readonly #parser = new SseParser({ eventSizeBytesMax: sseEventSizeBytesMax, tooLarge: eventTooLarge });
  #state: 'begun' | 'open' | 'finished' | 'ended' = 'begun';

  /** Whether any content of an answer has come. */
  protected abstract get hasContent(): boolean;

  /** Reads an event other than `[DONE]`; `name` is undefined where it has none. */
  protected abstract read(name: string | undefined, data: string, out: StreamEvent[]): void;

  /** The content is over: appends what is held. */
  protected abstract endContent(out: StreamEvent[]): void;

  /** `reason`: the upstream's own word; '' when it gave none. */
  protected abstract finishEvent(reason: string): StreamEvent;

  push(bytes: Uint8Array, out: StreamEvent[]): void {
    this.#guard(out, () => this.#parser.push(bytes, (name, data) => this.#event(name, data, out)));
  }

  end(out: StreamEvent[]): void {
    this.#guard(out, () => {
      this.#parser.end((name, data) => this.#event(name, data, out));
      if (this.#state === 'begun' || this.#state === 'open') {
        throw protocolFaults.upstream_truncated('the upstream closed its stream before a finish reason');
      }
      this.#state = 'ended';
    });
  }

  protected get hasFinished(): boolean {
    return this.#state === 'finished';
  }

  /** The first call counts. */
  protected start(id: string, model: string, out: StreamEvent[]): void {
    if (this.#state !== 'begun') return;
    this.#state = 'open';
    out.push({ type: 'start', id, model });
  }

  protected finish(reason: string, out: StreamEvent[]): void {
    this.endContent(out);
    this.#state = 'finished';
    out.push(this.finishEvent(reason));
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

  #event(name: string | undefined, data: string, out: StreamEvent[]): void {
    if (this.#state === 'ended') return;
    if (data.trim() === '[DONE]') this.#done(out);
    else this.read(name, data, out);
  }

  #done(out: StreamEvent[]): void {
    if (this.#state !== 'finished' && !this.hasContent) {
      throw protocolFaults.upstream_truncated('the upstream ended its stream without an answer');
    }
    if (this.#state === 'open') this.finish('', out);
    this.#state = 'ended';
  }
}

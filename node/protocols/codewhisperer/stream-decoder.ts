import { type Fault, isFault } from '../../../kit/fault.ts';
import type { StreamEvent } from '../../conversation/contract.ts';
import { openStopSequenceFilter, type StopSequenceFilter } from '../../conversation/stop-sequences.ts';
import type { StreamDecoder } from '../contract.ts';
import { EventStreamParser } from './event-stream.ts';
import type { EventReader } from './read-events.ts';

/**
 * Bytes of one answer to events: messages, what they say, stop sequences.
 *
 *   open ─► full ─► ended      full: the service said that the answer has reached its length; nothing more is read
 *     └───────────► ended      a fault, a stop sequence, or the end of the body
 */
export class CodewhispererStreamDecoder implements StreamDecoder {
  readonly #parser = new EventStreamParser();
  readonly #reader: EventReader;
  readonly #filter: StopSequenceFilter;
  #state: 'open' | 'full' | 'ended' = 'open';

  constructor(reader: EventReader, stop: readonly string[]) {
    this.#reader = reader;
    this.#filter = openStopSequenceFilter(stop);
  }

  get isOver(): boolean {
    return this.#filter.isOver;
  }

  push(bytes: Uint8Array, out: StreamEvent[]): void {
    if (this.#state !== 'open') return;
    this.#guard(out, (events) => {
      this.#parser.push(bytes, (message) => {
        if (this.#reader.push(message, events)) this.#state = 'full';
        return this.#state === 'full';
      });
    });
  }

  end(out: StreamEvent[]): void {
    if (this.#state === 'ended') return;
    this.#guard(out, (events) => this.#reader.end(this.#state === 'open' && this.#parser.isInMessage, events));
    this.#state = 'ended';
  }

  /** A fault becomes the last event; after a stop sequence the answer is whole, whatever comes. */
  #guard(out: StreamEvent[], action: (events: StreamEvent[]) => void): void {
    const events: StreamEvent[] = [];
    let fault: Fault | undefined;
    try {
      action(events);
    } catch (error) {
      if (!isFault(error)) throw error;
      fault = error;
    }
    for (const event of events) this.#filter.push(event, out);
    if (this.#filter.isOver) this.#stop(out);
    else if (fault !== undefined) this.#fail(fault, out);
  }

  /** What the answer has cost is said now: the service says it at its end, which is not waited for. */
  #stop(out: StreamEvent[]): void {
    if (this.#state !== 'ended') out.push({ type: 'usage', usage: this.#reader.usage });
    this.#state = 'ended';
  }

  #fail(fault: Fault, out: StreamEvent[]): void {
    this.#state = 'ended';
    this.#filter.push({ type: 'fault', fault }, out);
  }
}

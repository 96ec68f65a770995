import type { Fault } from '../../../kit/fault.ts';
import type { Usage } from '../../conversation/contract.ts';
import type { RelayPhase, StreamRelay } from '../../protocols/contract.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import { SseParser } from '../../wire/sse.ts';

/**
 * A stream of server-sent events for a client that wants one JSON array that grows (Gemini without `alt=sse`): each
 * event's object becomes an element. The array is open once `push` has given bytes.
 */
export class ArrayRelay implements StreamRelay {
  readonly #inner: StreamRelay;
  readonly #parser: SseParser;
  #isOpen = false;

  constructor(inner: StreamRelay, eventSizeBytesMax: number) {
    this.#inner = inner;
    const tooLarge = () => protocolFaults.upstream_event_too_large('an event of the upstream is too large');
    this.#parser = new SseParser({ eventSizeBytesMax, tooLarge });
  }

  get phase(): RelayPhase {
    return this.#inner.phase;
  }

  get fault(): Fault | undefined {
    return this.#inner.fault;
  }

  get usage(): Usage {
    return this.#inner.usage;
  }

  push(bytes: Buffer): Buffer | undefined {
    const text = this.#elements(this.#inner.push(bytes));
    return text === '' ? undefined : Buffer.from(text);
  }

  /** With what closes the array, where the answer is complete. */
  end(): Buffer | undefined {
    const text = this.#elements(this.#inner.end());
    const closing = this.#inner.phase !== 'finished' ? '' : this.#isOpen ? '\n]' : '[]';
    return text + closing === '' ? undefined : Buffer.from(text + closing);
  }

  #elements(events: Buffer | undefined): string {
    if (events === undefined) return '';
    let text = '';
    this.#parser.push(events, (_event, data) => {
      // A gateway's `[DONE]` is no element.
      if (!data.startsWith('{')) return;
      text += (this.#isOpen ? '\n,\n' : '[') + data;
      this.#isOpen = true;
    });
    return text;
  }
}

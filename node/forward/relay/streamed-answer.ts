import { fold } from '../../conversation/fold.ts';
import type { Answer, StreamEvent } from '../../conversation/contract.ts';
import type { StreamDecoder } from '../../protocols/contract.ts';
import { protocolFaults } from '../../protocols/faults.ts';

/** A whole answer out of an upstream that only has streams, read as it comes. */
export class StreamedAnswer {
  readonly #decoder: StreamDecoder;
  readonly #bytesMax: number;
  readonly #events: StreamEvent[] = [];
  #bytes = 0;

  constructor(decoder: StreamDecoder, bytesMax: number) {
    this.#decoder = decoder;
    this.#bytesMax = bytesMax;
  }

  /** The rest is not wanted. */
  get isOver(): boolean {
    return this.#decoder.isOver === true;
  }

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#bytesMax) {
      throw protocolFaults.upstream_bad_answer(`the upstream's answer exceeds ${this.#bytesMax} bytes`);
    }
    this.#decoder.push(chunk, this.#events);
  }

  /** Throws the Fault that the stream ended with. */
  take(): Answer {
    this.#decoder.end(this.#events);
    return fold(this.#events);
  }
}

import type { Framing } from '../contract.ts';

/** Puts the chunks of one stream into their frame: server-sent events, or one JSON array that grows. */
export class ChunkFrame {
  readonly #framing: Framing;
  #isOpen = false;

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  chunk(json: string): string {
    if (this.#framing === 'sse') return `data: ${json}\n\n`;
    const before = this.#isOpen ? '\n,\n' : '[';
    this.#isOpen = true;
    return before + json;
  }

  /** What closes the frame; an array is well-formed from then on. */
  close(): string {
    if (this.#framing === 'sse') return '';
    return this.#isOpen ? '\n]' : '[]';
  }
}

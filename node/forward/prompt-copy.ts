import type { PromptRecord } from '../usage/contract.ts';

/** A prompt with its files, or an answer of the longest kind, as text; what is longer is cut. */
export const keptBytesMax = 256 * 1024;

const cutMark = Buffer.from('\n[cut by aiproxy]');

/** Prompt and answer of one call, as the client sent the one and got the other. Made only for keys that want them kept. */
export class PromptCopy {
  readonly #prompt: Buffer;
  readonly #answer: Buffer[] = [];
  #answerBytes = 0;

  constructor(prompt: Buffer) {
    // A part of a buffer keeps all of it in memory.
    this.#prompt = prompt.length <= keptBytesMax ? prompt : cut(prompt);
  }

  /** A piece of the answer on its way to the client. */
  push(piece: Buffer | string): void {
    if (this.#answerBytes > keptBytesMax) return;
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    this.#answer.push(bytes);
    this.#answerBytes += bytes.length;
  }

  record(requestId: string, key: string, keepMs: number): PromptRecord {
    const answer = Buffer.concat(this.#answer, this.#answerBytes);
    return {
      requestId,
      key,
      keepMs,
      prompt: this.#prompt,
      answer: answer.length <= keptBytesMax ? answer : cut(answer),
    };
  }
}

function cut(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, keptBytesMax), cutMark]);
}

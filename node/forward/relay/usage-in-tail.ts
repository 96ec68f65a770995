import type { Usage } from '../../conversation/contract.ts';
import type { ClientProtocol } from '../../protocols/contract.ts';

/** Longest usage object with what vendors write behind it, bytes; real ones have a few hundred. */
const tailBytesMax = 8 * 1024;

/**
 * Finds the usage of a whole answer that is not held: every vendor writes it near the end, so the last bytes are kept,
 * and its object is cut out of them and read as an answer of the protocol that holds nothing else.
 */
export class UsageInTail {
  readonly #protocol: ClientProtocol;
  readonly #member: string;
  #tail: Buffer[] = [];
  #bytes = 0;

  constructor(protocol: ClientProtocol) {
    this.#protocol = protocol;
    this.#member = protocol.id === 'gemini' ? 'usageMetadata' : 'usage';
  }

  push(bytes: Buffer): void {
    this.#tail.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > 2 * tailBytesMax) this.#shorten();
  }

  usage(): Usage {
    // Names and counts are ASCII; Latin-1 keeps a character that is cut in two from mattering.
    const text = Buffer.concat(this.#tail).toString('latin1');
    const at = text.lastIndexOf(`"${this.#member}"`);
    const object = at === -1 ? undefined : objectAt(text, text.indexOf('{', at));
    return object === undefined ? {} : this.#protocol.scanAnswer(Buffer.from(`{"${this.#member}":${object}}`)).usage;
  }

  #shorten(): void {
    const tail = Buffer.concat(this.#tail);
    // A copy, since a part of a buffer keeps all of it in memory.
    this.#tail = [Buffer.from(tail.subarray(tail.length - tailBytesMax))];
    this.#bytes = tailBytesMax;
  }
}

/** The object that begins there, by its braces: none stand in the strings of a usage object. */
function objectAt(text: string, start: number): string | undefined {
  let depth = 0;
  for (let at = start; at >= 0 && at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return text.slice(start, at + 1);
  }
  return undefined;
}

import { protocolFaults } from '../../protocols/faults.ts';

/** Collects a whole answer up to a bound. */
export class HeldAnswer {
  readonly #bytesMax: number;
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;
  bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get isOverfull(): boolean {
    return this.bytes > this.#bytesMax;
  }

  push(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#more === undefined) this.#more = [this.#first, chunk];
    else this.#more.push(chunk);
  }

  /** Like push, but an answer over the bound is the upstream's fault (translation needs it whole). */
  pushBounded(chunk: Buffer): void {
    this.push(chunk);
    if (this.isOverfull) {
      throw protocolFaults.upstream_bad_answer(`the upstream's answer exceeds ${this.#bytesMax} bytes`);
    }
  }

  /** All bytes so far; the collection is empty afterwards. */
  take(): Buffer {
    const whole = this.#more === undefined ? (this.#first ?? Buffer.alloc(0)) : Buffer.concat(this.#more, this.bytes);
    this.#first = undefined;
    this.#more = undefined;
    this.bytes = 0;
    return whole;
  }
}

/** Bytes of the length before each message: u32, big endian. */
const prefixBytes = 4;
/** What is set aside for a message at first: a peer that announces much and sends nothing costs no more. */
const firstBytes = 65_536;

/** A message as it goes on the wire, a copy: 4 bytes of length, the head, the body. */
export function withLength(body: Uint8Array, head: Uint8Array = new Uint8Array()): Uint8Array {
  const length = head.length + body.length;
  const framed = new Uint8Array(prefixBytes + length);
  new DataView(framed.buffer).setUint32(0, length);
  framed.set(head, prefixBytes);
  framed.set(body, prefixBytes + head.length);
  return framed;
}

/** Why reading ended for good. */
export type ReadRefusal = 'too_long' | 'stopped';

/**
 * Cuts a stream of bytes into messages of at most `sizeBytesMax`, however it is chopped. Messages are copies: what
 * comes from the socket is a slice of a larger buffer, which a kept message would hold on to.
 */
export class LengthPrefixedReader {
  readonly #sizeBytesMax: number;
  readonly #onMessage: (message: Uint8Array) => boolean;
  readonly #prefix = new Uint8Array(prefixBytes);
  #prefixLength = 0;
  /** Undefined while the length is being read. */
  #body: Uint8Array | undefined;
  #bodyLength = 0;
  #expected = 0;
  #refusal: ReadRefusal | undefined;

  /** `onMessage` answers whether to read on. */
  constructor(sizeBytesMax: number, onMessage: (message: Uint8Array) => boolean) {
    this.#sizeBytesMax = sizeBytesMax;
    this.#onMessage = onMessage;
  }

  /** Answers why nothing more is read, or undefined. */
  push(chunk: Uint8Array): ReadRefusal | undefined {
    let rest = chunk;
    while (rest.length > 0 && this.#refusal === undefined) {
      rest = this.#body === undefined ? this.#readPrefix(rest) : this.#readBody(this.#body, rest);
    }
    return this.#refusal;
  }

  #readPrefix(chunk: Uint8Array): Uint8Array {
    const taken = Math.min(prefixBytes - this.#prefixLength, chunk.length);
    this.#prefix.set(chunk.subarray(0, taken), this.#prefixLength);
    this.#prefixLength += taken;
    if (this.#prefixLength === prefixBytes) this.#begin(new DataView(this.#prefix.buffer).getUint32(0));
    return chunk.subarray(taken);
  }

  #begin(length: number): void {
    if (length > this.#sizeBytesMax) {
      this.#refusal = 'too_long';
      return;
    }
    this.#expected = length;
    this.#bodyLength = 0;
    this.#body = new Uint8Array(Math.min(length, firstBytes));
    if (length === 0) this.#finish(this.#body);
  }

  #readBody(body: Uint8Array, chunk: Uint8Array): Uint8Array {
    const taken = Math.min(this.#expected - this.#bodyLength, chunk.length);
    const room = this.#roomFor(body, this.#bodyLength + taken);
    room.set(chunk.subarray(0, taken), this.#bodyLength);
    this.#bodyLength += taken;
    if (this.#bodyLength === this.#expected) this.#finish(room);
    return chunk.subarray(taken);
  }

  /** Doubles as bytes come, so that memory follows what was sent and not what was announced. */
  #roomFor(body: Uint8Array, length: number): Uint8Array {
    if (length <= body.length) return body;
    const larger = new Uint8Array(Math.min(this.#expected, Math.max(length, body.length * 2)));
    larger.set(body.subarray(0, this.#bodyLength));
    this.#body = larger;
    return larger;
  }

  #finish(message: Uint8Array): void {
    this.#body = undefined;
    this.#prefixLength = 0;
    if (!this.#onMessage(message)) this.#refusal = 'stopped';
  }
}

import { firstEventEnd, lastBytes, lastEventEnd } from './sse-boundary.ts';
import { type SseLimits, SseParser } from './sse.ts';

/**
 * Cuts a stream of server-sent events into whole events without reading them.
 *
 *   chunk   …}⏎⏎event: b⏎data: {"te│        push answers everything up to │ and keeps the rest
 *
 * A chunk that ends on an event's end goes through as it is, without a copy.
 */
export class SseSplitter {
  readonly #limits: SseLimits;
  #held: Buffer[] = [];
  #heldSizeBytes = 0;
  /** See `lastEventEnd`. */
  #before = 0;

  constructor(limits: SseLimits) {
    this.#limits = limits;
  }

  /** Bytes of an event that is not complete yet. */
  get heldSizeBytes(): number {
    return this.#heldSizeBytes;
  }

  /** All bytes up to the end of the last complete event; undefined when none is complete. Throws `tooLarge()`. */
  push(bytes: Buffer): Buffer | undefined {
    const end = lastEventEnd(bytes, this.#before);
    this.#before = lastBytes(bytes, this.#before);
    if (end === bytes.length && this.#held.length === 0) return bytes.length === 0 ? undefined : bytes;
    const whole = end === -1 ? undefined : this.#release(end === bytes.length ? bytes : bytes.subarray(0, end));
    if (end !== bytes.length) this.#hold(end === -1 ? bytes : bytes.subarray(end));
    return whole;
  }

  /**
   * The stream has ended: what is held, when it is a whole event that only lacks its blank line (which is added), see
   * `SseParser.end`; undefined otherwise, so that half an event never goes on.
   */
  end(): Buffer | undefined {
    if (this.#heldSizeBytes === 0) return undefined;
    const rest = this.#release(undefined);
    let isWhole = false;
    const parser = new SseParser(this.#limits);
    parser.push(rest, () => undefined);
    parser.end(() => (isWhole = true));
    if (!isWhole) return undefined;
    const last = rest[rest.length - 1];
    return Buffer.concat([rest, Buffer.from(last === 0x0a || last === 0x0d ? '\n' : '\n\n')]);
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#heldSizeBytes += bytes.length;
    if (this.#heldSizeBytes > this.#limits.eventSizeBytesMax) throw this.#limits.tooLarge(this.#heldSizeBytes);
    this.#held.push(bytes);
  }

  #release(last: Buffer | undefined): Buffer {
    const held = this.#held;
    if (last !== undefined) held.push(last);
    this.#held = [];
    this.#heldSizeBytes = 0;
    return held.length === 1 ? held[0]! : Buffer.concat(held);
  }
}

/** Calls `visit` with the span of each event in bytes that hold whole events only, until it answers false. */
export function eachSseEvent(bytes: Buffer, visit: (start: number, end: number) => boolean): void {
  let start = 0;
  while (start < bytes.length) {
    const found = firstEventEnd(bytes, start);
    const end = found === -1 ? bytes.length : found;
    if (!visit(start, end)) return;
    start = end;
  }
}

/**
 * AWS event streams (`application/vnd.amazon.eventstream`): messages out of bytes that are cut anywhere.
 *
 *   total length u32 │ headers length u32 │ CRC-32 of these 8 bytes │ headers │ payload │ CRC-32 of all before it
 *
 * Numbers are big-endian, the CRC is that of zip (IEEE 802.3).
 */
import { crc32 } from 'node:zlib';
import { protocolFaults } from '../faults.ts';
import { readStringHeaders } from './event-stream-headers.ts';

/** Longest message that is held, bytes; the bound of the readers in use, far above any honest message. */
export const messageSizeBytesMax = 16 * 1024 * 1024;

const preludeSizeBytes = 12;
const checksumSizeBytes = 4;
const messageSizeBytesMin = preludeSizeBytes + checksumSizeBytes;

export interface EventStreamMessage {
  /** Headers whose value is a string, by name. */
  readonly headers: ReadonlyMap<string, string>;
  /** Valid during the call only: it may be a view of the bytes that were pushed. */
  readonly payload: Buffer;
}

/** Answers true when no more messages are wanted. */
export type OnMessage = (message: EventStreamMessage) => boolean;

/** One per answer. Holds at most one message, in room that is taken once its prelude has proved true. */
export class EventStreamParser {
  readonly #prelude = Buffer.allocUnsafeSlow(preludeSizeBytes);
  /** The message that has begun; undefined while its prelude is not whole. */
  #message: Buffer | undefined;
  /** Bytes of the message, or of the prelude, that have come. */
  #filled = 0;
  #isOver = false;

  /**
   * Hands every message that these bytes complete to `onMessage`, until it wants no more. Throws `upstream_bad_answer` or
   * `upstream_event_too_large` and is then of no further use.
   */
  push(bytes: Uint8Array, onMessage: OnMessage): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (at < chunk.length && !this.#isOver) {
      if (this.#filled === 0 && chunk.length - at >= preludeSizeBytes) at = this.#takeWhole(chunk, at, onMessage);
      else if (this.#message === undefined) at = this.#fillPrelude(chunk, at);
      else at = this.#fillMessage(chunk, at, this.#message, onMessage);
    }
  }

  /** A message has begun that is not whole. */
  get isInMessage(): boolean {
    return this.#filled > 0;
  }

  /** A message that begins here: read in place when it is whole, begun otherwise. */
  #takeWhole(chunk: Buffer, at: number, onMessage: OnMessage): number {
    const end = at + checkedLength(chunk.subarray(at, at + preludeSizeBytes));
    if (end <= chunk.length) {
      this.#isOver = onMessage(readMessage(chunk.subarray(at, end)));
      return end;
    }
    return this.#fillPrelude(chunk, at);
  }

  #fillPrelude(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#prelude, this.#filled, at);
    this.#filled += copied;
    if (this.#filled === preludeSizeBytes) {
      this.#message = Buffer.allocUnsafeSlow(checkedLength(this.#prelude));
      this.#prelude.copy(this.#message);
    }
    return at + copied;
  }

  #fillMessage(chunk: Buffer, at: number, message: Buffer, onMessage: OnMessage): number {
    const copied = chunk.copy(message, this.#filled, at);
    this.#filled += copied;
    if (this.#filled === message.length) {
      this.#message = undefined;
      this.#filled = 0;
      this.#isOver = onMessage(readMessage(message));
    }
    return at + copied;
  }
}

/** Total length that this prelude says, once its checksum and its bounds have been found true. */
function checkedLength(prelude: Buffer): number {
  if (crc32(prelude.subarray(0, 8)) !== prelude.readUInt32BE(8)) throw badMessage('the checksum of a prelude is wrong');
  const total = prelude.readUInt32BE(0);
  if (total > messageSizeBytesMax) {
    throw protocolFaults.upstream_event_too_large(
      `the upstream announced a message of ${total} bytes; ${messageSizeBytesMax} are held at most`,
    );
  }
  if (total < messageSizeBytesMin) throw badMessage('a message is shorter than its frame');
  if (prelude.readUInt32BE(4) > total - messageSizeBytesMin) throw badMessage('headers reach beyond their message');
  return total;
}

function readMessage(message: Buffer): EventStreamMessage {
  const checksumAt = message.length - checksumSizeBytes;
  if (crc32(message.subarray(0, checksumAt)) !== message.readUInt32BE(checksumAt)) {
    throw badMessage('the checksum of a message is wrong');
  }
  const payloadAt = preludeSizeBytes + message.readUInt32BE(4);
  const headers = readStringHeaders(message.subarray(preludeSizeBytes, payloadAt));
  if (headers === undefined) throw badMessage('the headers of a message cannot be read');
  return { headers, payload: message.subarray(payloadAt, checksumAt) };
}

function badMessage(what: string) {
  return protocolFaults.upstream_bad_answer(`the upstream's event stream is broken: ${what}`);
}

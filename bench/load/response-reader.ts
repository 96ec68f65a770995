/** What a reader tells about the one answer that is under way. Offsets are into the buffer of the call only. */
export interface ResponseSink {
  head(status: number): void;
  body(buffer: Buffer, start: number, end: number): void;
  end(): void;
}

/** An answer that this reader cannot follow, in words. */
export class ResponseBroken extends Error {}

const headEnd = Buffer.from('\r\n\r\n');
/** A head longer than this is a fault of the target, not an answer. */
const headBytesMax = 64 * 1024;
/** A chunk-size line: 16 digits, an extension and the line end. */
const sizeLineBytesMax = 256;

const inHead = 0;
const inLength = 1;
const inChunkSize = 2;
const inChunk = 3;
const inChunkEnd = 4;
const inTrailer = 5;

/**
 * Follows HTTP/1.1 answers on one kept-alive connection: those with `content-length` and those that are chunked
 * (RFC 9112, 6.2 and 7.1), which is all that a proxy on a kept-alive connection may send. It checks framing and gives
 * the payload on, and does nothing else, because its time is taken from the load side's core.
 */
export class ResponseReader {
  readonly #sink: ResponseSink;
  #state = inHead;
  #left = 0;
  #line = '';
  #kept: Buffer | undefined;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** Bytes of one read; the buffer may be reused when the call returns. Throws ResponseBroken. */
  feed(buffer: Buffer): void {
    let position = 0;
    while (position < buffer.length) {
      if (this.#state === inHead) {
        const whole = this.#kept === undefined ? buffer : Buffer.concat([this.#kept, buffer.subarray(position)]);
        if (this.#kept !== undefined) {
          this.#kept = undefined;
          buffer = whole;
          position = 0;
        }
        position = this.#readHead(whole, position);
      } else if (this.#state === inLength) position = this.#readLength(buffer, position);
      else if (this.#state === inChunk) position = this.#readChunk(buffer, position);
      else position = this.#readLine(buffer, position);
    }
  }

  #readHead(buffer: Buffer, start: number): number {
    const end = buffer.indexOf(headEnd, start);
    if (end < 0) {
      if (buffer.length - start > headBytesMax) throw new ResponseBroken('a response head without an end');
      this.#kept = Buffer.from(buffer.subarray(start));
      return buffer.length;
    }
    const head = buffer.toString('latin1', start, end).toLowerCase();
    const status = Number(head.slice(9, 12));
    if (!head.startsWith('http/1.1 ') || !(status >= 100)) throw new ResponseBroken('not an HTTP/1.1 response');
    if (status >= 200) this.#startBody(status, head);
    return end + headEnd.length;
  }

  #startBody(status: number, head: string): void {
    this.#sink.head(status);
    const at = head.indexOf('\r\ncontent-length:');
    if (at >= 0) {
      this.#left = Number.parseInt(head.slice(at + 17, at + 40), 10);
      if (!(this.#left >= 0)) throw new ResponseBroken('a content-length that is not a number');
      this.#state = inLength;
      if (this.#left === 0) this.#finish();
    } else if (head.includes('\r\ntransfer-encoding: chunked')) this.#state = inChunkSize;
    else if (status === 204 || status === 304) this.#finish();
    else throw new ResponseBroken('a response with neither content-length nor chunks');
  }

  #readLength(buffer: Buffer, start: number): number {
    const end = Math.min(buffer.length, start + this.#left);
    this.#sink.body(buffer, start, end);
    this.#left -= end - start;
    if (this.#left === 0) this.#finish();
    return end;
  }

  #readChunk(buffer: Buffer, start: number): number {
    const end = Math.min(buffer.length, start + this.#left);
    this.#sink.body(buffer, start, end);
    this.#left -= end - start;
    if (this.#left === 0) this.#state = inChunkEnd;
    return end;
  }

  /** The lines between chunks: the end of a chunk, the size of the next, the trailer after the last. */
  #readLine(buffer: Buffer, start: number): number {
    const end = buffer.indexOf(0x0a, start);
    const stop = end < 0 ? buffer.length : end + 1;
    this.#line += buffer.toString('latin1', start, stop);
    if (this.#line.length > sizeLineBytesMax) throw new ResponseBroken('a chunk-size line without an end');
    if (end >= 0) {
      const line = this.#line;
      this.#line = '';
      this.#takeLine(line);
    }
    return stop;
  }

  #takeLine(line: string): void {
    if (this.#state === inTrailer) {
      if (line === '\r\n') this.#finish();
      return;
    }
    if (this.#state === inChunkEnd) {
      if (line !== '\r\n') throw new ResponseBroken('a chunk longer than it said');
      this.#state = inChunkSize;
      return;
    }
    this.#left = Number.parseInt(line, 16);
    if (!(this.#left >= 0)) throw new ResponseBroken('a chunk size that is not a number');
    this.#state = this.#left === 0 ? inTrailer : inChunk;
  }

  #finish(): void {
    this.#state = inHead;
    this.#sink.end();
  }
}

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');
const streamMark = Buffer.from('"stream":true');

/** What the upstream needs to know of a request in order to choose its prepared answer. */
export interface UpstreamRequest {
  readonly path: string;
  readonly streamed: boolean;
}

/**
 * Reads HTTP/1.1 requests off one connection, whole: head, and a body by `content-length` or chunked. Only what the
 * targets send is understood; one request at a time, since none of them pipelines.
 */
export class RequestReader {
  readonly #take: (request: UpstreamRequest) => void;
  #kept: Buffer | undefined;

  constructor(take: (request: UpstreamRequest) => void) {
    this.#take = take;
  }

  feed(chunk: Buffer): void {
    const buffer = this.#kept === undefined ? chunk : Buffer.concat([this.#kept, chunk]);
    this.#kept = undefined;
    const request = this.#parse(buffer);
    if (request === undefined) this.#kept = buffer;
    else this.#take(request);
  }

  #parse(buffer: Buffer): UpstreamRequest | undefined {
    const end = buffer.indexOf(headEnd);
    if (end < 0) return undefined;
    const head = buffer.toString('latin1', 0, end);
    if (!isComplete(buffer, head, end + headEnd.length)) return undefined;
    const pathStart = head.indexOf(' ') + 1;
    return {
      path: head.slice(pathStart, head.indexOf(' ', pathStart)),
      streamed: buffer.includes(streamMark, end),
    };
  }
}

function isComplete(buffer: Buffer, head: string, bodyStart: number): boolean {
  const lower = head.toLowerCase();
  const at = lower.indexOf('\r\ncontent-length:');
  if (at >= 0) return buffer.length - bodyStart >= Number.parseInt(lower.slice(at + 17, at + 40), 10);
  if (lower.includes('\r\ntransfer-encoding: chunked')) return buffer.subarray(-lastChunk.length).equals(lastChunk);
  return true;
}

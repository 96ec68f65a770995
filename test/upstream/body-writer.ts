import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as tick } from 'node:timers/promises';
import { constants, createGzip, type Gzip } from 'node:zlib';
import type { Script } from './script.ts';

/** Writes a body as the script says: in pieces, at once, compressed, or up to the byte at which it breaks off. */
export class BodyWriter {
  readonly #response: ServerResponse;
  readonly #script: Script;
  readonly #breakAt: number;
  readonly #gzip: Gzip | undefined;
  #zipped: Buffer[] = [];
  #held: (string | Buffer)[] = [];
  #written = 0;
  #isBroken = false;

  constructor(response: ServerResponse, script: Script) {
    this.#response = response;
    this.#script = script;
    this.#breakAt = Math.min(script.resetAtByte ?? Infinity, script.cutAtByte ?? Infinity);
    if (!isGzipped(response, script)) return;
    this.#gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
    this.#gzip.on('data', (bytes: Buffer) => this.#zipped.push(bytes));
  }

  /** True when the client is gone or the script broke the connection. */
  get isOver(): boolean {
    return this.#isBroken || this.#response.destroyed;
  }

  /** Waits while the client does not read. */
  async write(part: string | Buffer): Promise<void> {
    if (this.#script.coalesced) {
      this.#held.push(part);
      return;
    }
    await this.#encode(this.#bytesOf(part));
    // One turn of the event loop, so that each event is a write of its own.
    await tick();
  }

  async end(): Promise<void> {
    if (this.#held.length > 0) await this.#encode(Buffer.concat(this.#held.map((part) => this.#bytesOf(part))));
    if (this.#gzip !== undefined) {
      this.#gzip.end();
      await once(this.#gzip, 'end');
      await this.#send(this.#takeZipped());
    }
    if (this.isOver) return;
    if (this.#breakAt !== Infinity && this.#breakAt <= this.#written) return this.#breakOff();
    this.#response.end();
    if (this.#script.hangUp) this.#response.once('finish', () => this.#response.socket?.destroySoon());
  }

  /** Line ends are a matter of texts; bytes go as they are. */
  #bytesOf(part: string | Buffer): Buffer {
    const { lineEnd = '\n' } = this.#script;
    if (typeof part !== 'string') return part;
    return Buffer.from(lineEnd === '\n' ? part : part.replaceAll('\n', lineEnd));
  }

  async #encode(bytes: Buffer): Promise<void> {
    if (this.#gzip === undefined) return this.#send(bytes);
    const gzip = this.#gzip;
    gzip.write(bytes);
    await new Promise<void>((resolve) => gzip.flush(() => resolve()));
    await this.#send(this.#takeZipped());
  }

  #takeZipped(): Buffer {
    const bytes = Buffer.concat(this.#zipped);
    this.#zipped = [];
    return bytes;
  }

  async #send(bytes: Buffer): Promise<void> {
    const size = this.#script.pieceBytes ?? bytes.length;
    for (let start = 0; start < bytes.length && !this.isOver; start += size) {
      const room = this.#breakAt - this.#written;
      const piece = bytes.subarray(start, start + Math.min(size, room));
      this.#written += piece.length;
      await this.#push(piece);
      if (this.#written >= this.#breakAt) return this.#breakOff();
      // One turn of the event loop, so that each piece is a write of its own.
      if (this.#script.pieceBytes !== undefined) await tick();
    }
  }

  async #push(piece: Buffer): Promise<void> {
    if (piece.length === 0) return;
    if (this.#breakAt !== Infinity) {
      await new Promise<void>((resolve) => this.#response.write(piece, () => resolve()));
    } else if (!this.#response.write(piece) && !this.isOver) {
      await drained(this.#response);
    }
  }

  /** RST or FIN in the middle of the body, after what was written has left. */
  #breakOff(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    const socket = this.#response.socket;
    if (this.#script.resetAtByte !== undefined) socket?.resetAndDestroy();
    else socket?.end();
  }
}

/** Resolves when the client has read, or has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

/** Whether this answer goes out compressed. */
export function isGzipped(response: ServerResponse, script: Script): boolean {
  if (script.gzip === 'always') return true;
  return script.gzip === 'accepted' && /\bgzip\b/.test(String(response.req.headers['accept-encoding'] ?? ''));
}

import type { IncomingMessage } from 'node:http';
import type { Fault } from '../../kit/fault.ts';
import { forwardFaults } from './faults.ts';

/** Counts the bytes of all request bodies that are held at once, so that many large ones cannot exhaust memory. */
export class HeldBodies {
  /** May be changed while bodies are held. */
  bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  hold(bytes: number): boolean {
    if (this.#bytes + bytes > this.bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  free(bytes: number): void {
    this.#bytes -= bytes;
  }
}

const empty = Buffer.alloc(0);

/**
 * Reads a request body whole. Exactly one of `done` and `failed` is called, once; after `drop` (the client went away)
 * neither is. The bytes stay counted in `held` until the caller frees them (`body.length`).
 */
export class BodyReader {
  readonly #request: IncomingMessage;
  readonly #held: HeldBodies;
  readonly #bytesMax: number;
  /** The body goes on unread, so that it may be compressed. */
  readonly #takesEncoded: boolean;
  readonly #done: (body: Buffer) => void;
  readonly #failed: (fault: Fault) => void;
  #first: Buffer | undefined;
  #more: Buffer[] | undefined;
  #bytes = 0;
  #finished = false;

  constructor(
    request: IncomingMessage,
    held: HeldBodies,
    limits: { bytesMax: number; takesEncoded: boolean },
    done: (body: Buffer) => void,
    failed: (fault: Fault) => void,
  ) {
    this.#request = request;
    this.#held = held;
    this.#bytesMax = limits.bytesMax;
    this.#takesEncoded = limits.takesEncoded;
    this.#done = done;
    this.#failed = failed;
  }

  start(): void {
    const request = this.#request;
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > this.#bytesMax) return this.#fail(tooLarge(this.#bytesMax));
    const encoding = request.headers['content-encoding'];
    if (!this.#takesEncoded && encoding !== undefined && encoding !== 'identity') {
      return this.#fail(
        forwardFaults.encoded_body(`content-encoding ${encoding} is not taken; send the body as it is`),
      );
    }
    request.on('data', (chunk: Buffer) => this.#take(chunk));
    request.on('end', () => this.#end());
  }

  #take(chunk: Buffer): void {
    if (this.#finished) return;
    if (this.#bytes + chunk.length > this.#bytesMax) return this.#fail(tooLarge(this.#bytesMax));
    if (!this.#held.hold(chunk.length)) {
      return this.#fail(
        forwardFaults.memory_full('too many request bodies are held; try again', { retryAfterMs: 1000 }),
      );
    }
    this.#bytes += chunk.length;
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#more === undefined) this.#more = [this.#first, chunk];
    else this.#more.push(chunk);
  }

  #end(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#done(this.#more === undefined ? (this.#first ?? empty) : Buffer.concat(this.#more, this.#bytes));
  }

  #fail(fault: Fault): void {
    this.drop();
    this.#failed(fault);
  }

  /** The client went away: gives back what is held. Does nothing after `done`, when the bytes are the caller's. */
  drop(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#held.free(this.#bytes);
    this.#first = undefined;
    this.#more = undefined;
  }
}

function tooLarge(bytesMax: number): Fault {
  return forwardFaults.body_too_large(`the request body exceeds body_limit (${bytesMax} bytes)`);
}

import type { Connection, Stream } from '@libp2p/interface';
import type { Clock, Timer } from '../../kit/clock.ts';
import { Offence } from './offence.ts';
import { SlowReader } from './slow-reader.ts';

/** A stream that was closed on a live connection is opened again after this. */
const reopenAfterMs = 50;
/** An honest peer closes no lane; one that goes on doing so has its connection ended. */
const reopeningsMax = 5;

/** A peer that does not read does not keep a connection from being closed for longer. */
const readOutMs = 500;

export interface LaneOptions {
  readonly connection: Connection;
  readonly protocol: string;
  readonly clock: Clock;
  readonly bufferBytesMax: number;
  /** Bytes that the other side sends back on the lane. */
  readonly onData: (chunk: Uint8Array) => void;
  /** May be sent on from now on; again after each reopening. */
  readonly onOpen: () => void;
  /** The lane cannot be kept open. */
  readonly onFailed: (error: Error) => void;
}

/** The outbound stream of one protocol, for as long as its connection lives. */
export class Libp2pLane {
  readonly #options: LaneOptions;
  readonly #reader: SlowReader;
  #stream: Stream | undefined;
  #reopening: Timer | undefined;
  #reopenings = 0;
  #isEnded = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#reader = new SlowReader(options.clock, options.bufferBytesMax);
  }

  get isOpen(): boolean {
    return this.#stream !== undefined;
  }

  open(): void {
    const { connection, protocol } = this.#options;
    connection.newStream(protocol).then(
      (stream) => this.#adopt(stream),
      (cause: unknown) => this.#fail(new Error('its streams cannot be opened', { cause })),
    );
  }

  /** False: not open, or too much waits. */
  send(bytes: Uint8Array): boolean {
    const stream = this.#stream;
    if (stream === undefined || stream.writeStatus !== 'writable') return false;
    const verdict = this.#reader.judge(stream);
    if (verdict instanceof Error) this.#fail(verdict);
    return verdict === true && sendOn(stream, bytes);
  }

  /**
   * Sends no more and is not opened again. Where asked to, resolves only once the other side has read what was sent, or
   * has had its time: a socket closed before that may take back what is still on its way.
   */
  async end(isReadOut = false): Promise<void> {
    const stream = this.#stream;
    this.#isEnded = true;
    this.#stream = undefined;
    this.#reopening?.cancel();
    if (isReadOut && stream?.status === 'open') await readOut(stream, this.#options.clock);
  }

  #adopt(stream: Stream): void {
    if (this.#isEnded) {
      stream.abort(new Error('the connection is over'));
      return;
    }
    const { onData } = this.#options;
    this.#stream = stream;
    stream.addEventListener('message', ({ data }) => eachChunk(data, onData));
    stream.addEventListener('close', () => this.#lost(stream));
    // Half a lane is none: what the other side answers could not come any more.
    stream.addEventListener('remoteCloseWrite', () => stream.abort(new Error('the other side closed its half')));
    if (stream.status === 'open') this.#options.onOpen();
    else this.#lost(stream);
  }

  #lost(stream: Stream): void {
    if (this.#isEnded || this.#stream !== stream) return;
    this.#stream = undefined;
    this.#reopenings++;
    if (this.#reopenings > reopeningsMax) this.#fail(new Offence('its streams do not stay open'));
    else this.#reopening = this.#options.clock.after(reopenAfterMs, () => this.open());
  }

  #fail(error: Error): void {
    if (!this.#isEnded) this.#options.onFailed(error);
  }
}

/** The other side closes its half of a stream once it has read the end of ours. */
function readOut(stream: Stream, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(readOutMs, resolve);
    stream.addEventListener('close', () => {
      timer.cancel();
      resolve();
    });
    stream.close().catch((error: Error) => stream.abort(error));
  });
}

/** libp2p throws when the stream was closed in the meantime; its `close` event says so too. */
export function sendOn(stream: Stream, bytes: Uint8Array): boolean {
  try {
    stream.send(bytes);
    return true;
  } catch {
    // Its caller treats what was not sent as lost; why the stream ended is told by `close`.
    return false;
  }
}

export function eachChunk(data: Uint8Array | Iterable<Uint8Array>, visit: (chunk: Uint8Array) => void): void {
  if (data instanceof Uint8Array) visit(data);
  else for (const chunk of data) visit(chunk);
}

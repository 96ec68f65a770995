import { connect, type Socket } from 'node:net';
import { MarkerScanner } from './marker.ts';
import { ResponseReader, type ResponseSink } from './response-reader.ts';

/** What a connection tells of the exchange under way. */
export interface ConnectionEvents {
  event(connection: Connection, stream: number): void;
  answered(connection: Connection, status: number): void;
  /** The connection is gone; `wasBusy` when an answer was owed. */
  lost(connection: Connection, reason: string, wasBusy: boolean): void;
}

// libuv allocates, reads and calls back without anything in between, so that one buffer serves all connections.
const readBuffer = Buffer.allocUnsafe(64 * 1024);

/** One kept-alive client connection that carries one exchange at a time. */
export class Connection implements ResponseSink {
  /** When the exchange under way should have been sent, and whether its first event has come. */
  intendedMs = 0;
  sawEvent = false;
  isBusy = false;
  readonly #events: ConnectionEvents;
  readonly #socket: Socket;
  readonly #reader = new ResponseReader(this);
  readonly #scanner = new MarkerScanner((stream) => this.#events.event(this, stream));
  #status = 0;
  #isClosed = false;

  constructor(port: number, events: ConnectionEvents) {
    this.#events = events;
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          this.#read(readBuffer.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => this.#lose(error.message));
    this.#socket.on('close', () => this.#lose('the target closed the connection'));
  }

  send(request: Buffer, intendedMs: number): void {
    this.intendedMs = intendedMs;
    this.sawEvent = false;
    this.isBusy = true;
    this.#socket.write(request);
  }

  /** Closes without telling anybody: the run is over. */
  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  /** Gives up on the exchange under way. */
  abandon(reason: string): void {
    this.#socket.destroy();
    this.#lose(reason);
  }

  head(status: number): void {
    this.#status = status;
  }

  body(buffer: Buffer, start: number, end: number): void {
    this.#scanner.scan(buffer, start, end);
  }

  end(): void {
    this.isBusy = false;
    this.#events.answered(this, this.#status);
  }

  #read(bytes: Buffer): void {
    try {
      this.#reader.feed(bytes);
    } catch (error) {
      this.abandon(error instanceof Error ? error.message : String(error));
    }
  }

  #lose(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const wasBusy = this.isBusy;
    this.isBusy = false;
    this.#events.lost(this, reason, wasBusy);
  }
}

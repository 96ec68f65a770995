import { connect, type Socket } from 'node:net';

/** A bare TCP connection to a listener, for what no HTTP client would send. */
export class RawConnection {
  readonly socket: Socket;
  #received = '';
  readonly #closed: Promise<void>;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => (this.#received += text));
    // A reset is a way of closing; what matters is what was received before.
    this.socket.on('error', () => {});
    this.#closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Everything received, once the other side has closed. */
  async untilClosed(): Promise<string> {
    await this.#closed;
    return this.#received;
  }

  /** Everything received, as soon as it holds `text`. */
  until(text: string): Promise<string> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.#received.includes(text)) return;
        this.socket.off('data', look);
        resolve(this.#received);
      };
      this.socket.on('data', look);
      look();
    });
  }
}

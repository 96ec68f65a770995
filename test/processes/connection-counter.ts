import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** Passes TCP connections on to a port of the loopback and counts them. */
export class ConnectionCounter {
  opened = 0;
  readonly #server;

  constructor(port: number) {
    this.#server = createServer((near) => {
      this.opened++;
      const far = connect(port, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
  }

  /** Gives the port that it took. */
  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
  }
}

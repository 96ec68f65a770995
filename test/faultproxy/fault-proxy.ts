import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * What becomes of bytes. `hole`: nothing arrives and nobody is told, as with a firewall that drops; what was sent comes
 * later, as TCP sends it again. `hole-forth` and `hole-back`: the same in one direction. `cut`: connections break, new
 * ones are refused.
 */
export type Weather = 'clear' | 'hole' | 'hole-forth' | 'hole-back' | 'cut';

/** A port that leads to another, until it is told to fail. `delayMs` holds up what passes, both ways. */
export class FaultProxy {
  delayMs = 0;
  /** Bytes that passed since the start, both ways. */
  passed = 0;
  readonly #targetPort: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #weather: Weather = 'clear';

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#accept(near));
  }

  /** Gives the port that it took: any free one, unless one is named. */
  async start(port = 0): Promise<number> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  get weather(): Weather {
    return this.#weather;
  }

  set weather(weather: Weather) {
    this.#weather = weather;
    for (const pair of this.#pairs) this.#apply(pair);
  }

  async stop(): Promise<void> {
    this.weather = 'cut';
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #accept(near: Socket): void {
    if (this.#weather === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host: '127.0.0.1', port: this.#targetPort, allowHalfOpen: true });
    const pair = { near, far };
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes: Buffer) => this.#pass(to, bytes));
      // An end that cannot pass is news that cannot pass either; it is told when the sky is clear.
      from.on('end', () => this.#after(() => to.end()));
      from.on('error', end);
      from.on('close', end);
    }
    this.#apply(pair);
  }

  #pass(to: Socket, bytes: Buffer): void {
    this.passed += bytes.length;
    this.#after(() => to.write(bytes));
  }

  /** In order: timers of equal length fire in the order in which they were set. */
  #after(action: () => void): void {
    if (this.delayMs === 0) action();
    else setTimeout(action, this.delayMs);
  }

  #apply({ near, far }: Pair): void {
    if (this.#weather === 'cut') {
      near.resetAndDestroy();
      far.resetAndDestroy();
      return;
    }
    // Paused sockets keep what comes in the kernel, which makes the sender wait, as a network that drops does.
    if (this.#weather === 'hole' || this.#weather === 'hole-forth') near.pause();
    else near.resume();
    if (this.#weather === 'hole' || this.#weather === 'hole-back') far.pause();
    else far.resume();
  }
}

interface Pair {
  /** Of whoever connected. */
  readonly near: Socket;
  /** To the target. */
  readonly far: Socket;
}

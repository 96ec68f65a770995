import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Clock, Timer } from '../../kit/clock.ts';
import { OutgoingMessage } from '../../kit/node-http.ts';

/** How often a draining listener looks for connections that have become idle. */
const sweepMs = 50;

export interface DrainSettings {
  idleGraceMs: number;
  drainTimeoutMs: number;
}

/**
 * The open connections of one listener, so that it can stop without cutting an answer:
 *
 *   stop accepting ─ idleGraceMs ─► close idle ones, sweep ─ drainTimeoutMs ─► cut the rest
 *
 * Kept per connection and not per request, so that requests pay nothing for it.
 */
export class Connections {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  #whenEmpty: (() => void) | undefined;

  constructor(server: Server, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        if (this.#sockets.size === 0) this.#whenEmpty?.();
      });
    });
  }

  get count(): number {
    return this.#sockets.size;
  }

  /** Resolves when every connection is closed. Answers that have not sent their head yet will say `connection: close`. */
  async drain(settings: DrainSettings): Promise<void> {
    const closed = this.#stopListening();
    for (const socket of this.#sockets) closeAfterAnswer(socket);
    const timers = this.#closeInSteps(settings);
    await closed;
    await this.#untilEmpty();
    for (const timer of timers) timer.cancel();
    // Ends node:http's own timer for header timeouts; the listener itself is closed already.
    this.#server.close(() => {});
  }

  /** http.Server's own `close` would close idle connections at once, which is too early; net.Server's does not. */
  #stopListening(): Promise<void> {
    return new Promise((resolve) => {
      NetServer.prototype.close.call(this.#server, () => resolve());
    });
  }

  /** The server counts a connection as gone a moment before its socket says so. */
  #untilEmpty(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenEmpty = resolve;
      if (this.#sockets.size === 0) resolve();
    });
  }

  #closeInSteps({ idleGraceMs, drainTimeoutMs }: DrainSettings): Timer[] {
    const timers: Timer[] = [];
    timers.push(
      this.#clock.after(idleGraceMs, () => {
        this.#closeIdle();
        timers.push(this.#clock.every(sweepMs, () => this.#closeIdle()));
      }),
      this.#clock.after(Math.max(idleGraceMs, drainTimeoutMs), () => this.#cut()),
    );
    return timers;
  }

  #closeIdle(): void {
    this.#server.closeIdleConnections();
    // A connection that never sent a byte is not idle in node:http's eyes: it counts as one whose headers are awaited.
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  }

  /** Upgraded connections (WebSockets) too, which node:http no longer counts. */
  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function closeAfterAnswer(socket: Socket): void {
  const message: unknown = Reflect.get(socket, '_httpMessage');
  if (message instanceof OutgoingMessage && !message.headersSent) message.shouldKeepAlive = false;
}

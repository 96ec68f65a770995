import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import * as answers from './answers.ts';
import { PacedStreams } from './paced-streams.ts';
import { RequestReader, type UpstreamRequest } from './request-reader.ts';

/**
 * The model provider of the bench: a bare socket server with prepared answers. It costs one read and one write for an
 * answer, so that what is measured is the target, although both share a machine.
 */
export class Upstream {
  readonly streams = new PacedStreams();
  /** Requests taken so far. */
  taken = 0;
  readonly #server: Server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();

  /** Listens on a free port of loopback and gives it. */
  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const reader = new RequestReader((request) => this.#answer(socket, request));
    socket.on('data', (chunk: Buffer) => reader.feed(chunk));
    // A target that resets its connection ends it; 'close' follows and cleans up.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.streams.drop(socket);
    });
  }

  #answer(socket: Socket, request: UpstreamRequest): void {
    this.taken++;
    const isAnthropic = request.path.endsWith('/messages');
    if (request.streamed) this.streams.open(socket, isAnthropic ? answers.anthropicStream : answers.openaiStream);
    else if (isAnthropic) socket.write(answers.anthropicMessage);
    else if (request.path.endsWith('/chat/completions')) socket.write(answers.openaiChat);
    else socket.write(request.path.includes('/models') ? answers.modelList : answers.health);
  }
}

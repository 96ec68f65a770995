import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../../kit/json.ts';

export interface Received {
  path: string;
  bytes: Buffer;
  body: JsonObject;
}

/** What the server answers: the body is sent in pieces of `pieceSizeBytes`. */
export interface Reply {
  status?: number;
  headers?: string[];
  body: string;
  pieceSizeBytes?: number;
}

/** An HTTP server on the loopback that answers every request with `reply` and keeps what it received. */
export class LocalServer {
  readonly received: Received[] = [];
  reply: (request: Received) => Reply = () => ({ body: '{}' });
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get last(): Received {
    return this.received.at(-1)!;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const bytes = Buffer.concat(pieces);
    const received = { path: request.url ?? '', bytes, body: JSON.parse(bytes.toString()) as JsonObject };
    this.received.push(received);
    await this.#answer(response, this.reply(received));
  }

  async #answer(response: ServerResponse, reply: Reply): Promise<void> {
    response.writeHead(reply.status ?? 200, reply.headers ?? ['content-type', 'application/json']);
    const bytes = Buffer.from(reply.body);
    const size = reply.pieceSizeBytes ?? bytes.length;
    for (let start = 0; start < bytes.length; start += size) {
      await new Promise((resolve) => response.write(bytes.subarray(start, start + size), resolve));
    }
    response.end();
  }
}

export const eventStream = ['content-type', 'text/event-stream'];

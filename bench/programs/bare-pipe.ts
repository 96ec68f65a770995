/**
 * The bare pipe: a node:http server that forwards with an undici Pool and does nothing else. It is the yardstick that
 * every ratio of the bench is taken against, so it is the fastest form we know that is still a correct proxy: `dispatch`
 * (no promise, no Readable for each request), the body as one Buffer, headers passed on as the parser gave them,
 * backpressure both ways.
 *
 * Run: `node bench/programs/bare-pipe.ts UPSTREAM_PORT LISTEN_PORT`
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool, type Dispatcher } from 'undici';
import { poolOptions, requestHeaders, responseHeaders, listenAsTarget } from './pipe-parts.ts';

const pool = new Pool(`http://127.0.0.1:${process.argv[2]}`, poolOptions);

class PipeHandler implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;
  #controller: Dispatcher.DispatchController | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    this.#response.writeHead(status, responseHeaders(controller.rawHeaders));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#response.write(chunk)) return;
    controller.pause();
    this.#response.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#response.headersSent) this.#response.destroy(error);
    else this.#response.writeHead(502).end();
  }

  /** The client went away before the answer was complete: the upstream call ends too. */
  clientClosed(): void {
    if (!this.#response.writableFinished) this.#controller?.abort(new Error('the client closed the connection'));
  }
}

function forward(request: IncomingMessage, response: ServerResponse, body: Buffer | null): void {
  const handler = new PipeHandler(response);
  response.once('close', () => handler.clientClosed());
  pool.dispatch(
    {
      path: request.url ?? '/',
      method: request.method ?? 'GET',
      headers: requestHeaders(request.rawHeaders),
      body,
    },
    handler,
  );
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [first = null] = chunks;
    forward(request, response, chunks.length > 1 ? Buffer.concat(chunks) : first);
  });
});

listenAsTarget(server, Number(process.argv[3]));

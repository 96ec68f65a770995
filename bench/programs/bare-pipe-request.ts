/**
 * The bare pipe as most proxies on Node are written: undici's `request` with a promise and a Readable for each call.
 *
 * Run: `node bench/programs/bare-pipe-request.ts UPSTREAM_PORT LISTEN_PORT`
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Pool } from 'undici';
import { listenAsTarget, poolOptions, requestHeaders } from './pipe-parts.ts';

const pool = new Pool(`http://127.0.0.1:${process.argv[2]}`, poolOptions);

async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const answer = await pool.request({
    path: request.url ?? '/',
    method: request.method ?? 'GET',
    headers: requestHeaders(request.rawHeaders),
    body: chunks.length === 0 ? null : Buffer.concat(chunks),
  });
  const { connection: _c, 'keep-alive': _k, 'transfer-encoding': _t, ...headers } = answer.headers;
  response.writeHead(answer.statusCode, headers);
  await pipeline(answer.body, response);
}

const server = createServer((request, response) => {
  forward(request, response).catch(() => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
});

listenAsTarget(server, Number(process.argv[3]));

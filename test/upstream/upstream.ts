import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Api } from './api.ts';
import { Exchange } from './exchange.ts';
import { Ledger, type RecordedRequest, type UpstreamTotals } from './ledger.ts';
import { findPrepared, sendPrepared } from './prepared.ts';
import type { Script } from './script.ts';
import { ScriptBook, type ScriptRule } from './script-book.ts';

export interface UpstreamOptions {
  /** 0 (the default) takes a free one. */
  port?: number;
  /** What `/v1/models` lists, in both formats. */
  models?: readonly string[];
  /** Whether a credential is good. By default those are that start with `sk-upstream`. */
  acceptsKey?: (key: string) => boolean;
  /** Another vendor's API in place of OpenAI's and Anthropic's. */
  api?: Api;
  /** Where that vendor's credential stands in a request. */
  credentialOf?: (request: IncomingMessage) => string | undefined;
  /** How long an idle connection is kept, milliseconds. */
  keepAliveMs?: number;
}

/** A running scripted upstream. */
export interface Upstream {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly port: number;
  /** With `/v1`, as OpenAI's base URL. */
  readonly openaiBaseUrl: string;
  /** Without `/v1`, as Anthropic's base URL. */
  readonly anthropicBaseUrl: string;
  /** The last requests, oldest first. */
  readonly requests: readonly RecordedRequest[];
  readonly totals: UpstreamTotals;
  /** Answers requests by this script from now on; see `ScriptRule`. Gives back a function that takes the rule out. */
  script(script: string | Script, rule?: ScriptRule): () => void;
  /** Takes out all rules, forgets requests, sets the totals to zero. */
  clear(): void;
  /** Resolves once the state holds, looking after every change; rejects after `timeoutMs` (5 s). */
  until(isTrue: (upstream: Upstream) => boolean, timeoutMs?: number): Promise<void>;
  /** Closes idle connections without notice, as a vendor's load balancer does. */
  dropIdleConnections(): void;
  close(): Promise<void>;
}

export const defaultModels = [
  'gpt-4o-mini',
  'gpt-4o',
  'gpt-5',
  'text-embedding-3-small',
  'claude-sonnet-5-5',
  'claude-sonnet-4-6',
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
  'claude-opus-4-1',
  'echo',
  'tools',
  'thinking',
] as const;

/** A key that every upstream accepts. `sk-upstream:SCRIPT` is accepted too and makes its account answer by the script. */
export const upstreamKey = 'sk-upstream-1';

/** Starts it on the loopback address. */
export async function start(options: UpstreamOptions = {}): Promise<Upstream> {
  const ledger = new Ledger();
  const book = new ScriptBook();
  const settings = {
    models: options.models ?? defaultModels,
    acceptsKey: options.acceptsKey ?? ((key: string) => key.startsWith('sk-upstream')),
    api: options.api,
    credentialOf: options.credentialOf,
  };
  const connections = new Map<Socket, number>();
  const server = createServer(
    { keepAliveTimeout: options.keepAliveMs ?? 60_000, noDelay: true },
    (request, response) => {
      receive(request, response, (body) => answer(request, response, body));
    },
  );
  server.on('connection', (socket: Socket) => {
    connections.set(socket, ++ledger.totals.connections);
    ledger.totals.openConnections++;
    socket.once('close', () => {
      connections.delete(socket);
      ledger.totals.openConnections--;
      ledger.changed();
    });
  });
  const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const prepared = request.method === 'POST' ? findPrepared(request.url ?? '', body) : undefined;
    if (prepared === undefined) {
      void new Exchange(request, response, body, { ledger, book, connections, ...settings }).run();
      return;
    }
    ledger.totals.requests++;
    sendPrepared(response, prepared);
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const upstream: Upstream = {
    url,
    port,
    openaiBaseUrl: `${url}/v1`,
    anthropicBaseUrl: url,
    requests: ledger.requests,
    totals: ledger.totals,
    script: (script, rule) => book.add(script, rule),
    clear() {
      book.clear();
      ledger.clear();
    },
    until: (isTrue, timeoutMs = 5000) => ledger.until(() => isTrue(upstream), timeoutMs),
    dropIdleConnections: () => server.closeIdleConnections(),
    async close() {
      server.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => (server.listening ? server.once('close', resolve) : resolve()));
    },
  };
  return upstream;
}

/** The largest body read; the vendors' own limit is 32 MB. */
const bodySizeMax = 33 * 1024 * 1024;

function receive(request: IncomingMessage, response: ServerResponse, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > bodySizeMax) response.writeHead(413, { connection: 'close' }).end();
    else chunks.push(chunk);
  });
  request.on('end', () => {
    if (size > bodySizeMax) return;
    const [only] = chunks;
    done(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
  });
}

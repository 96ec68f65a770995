import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TrafficKind } from '../metrics/contract.ts';
import type { ListenerDependencies } from './dependencies.ts';
import type { Cors } from './cors.ts';
import { dialectOf } from './problem.ts';
import { urlRedactor } from './redact-url.ts';

const modelsPath = /^\/v1(?:beta|alpha)?\/models(?:[/?]|$)/;

/** nginx's status for a client that left before its answer was complete. */
const clientLeft = 499;

/** Puts the headers that every answer carries, counts requests, and writes the debug log line. */
export function observe(
  app: FastifyInstance,
  parts: Pick<ListenerDependencies, 'node' | 'traffic' | 'log' | 'keyParameters'> & { cors: Cors },
): void {
  const observer = { ...parts, redactUrl: urlRedactor(parts.keyParameters) };
  app.addHook('onRequest', async (request, reply) => {
    putCommonHeaders(reply, parts.cors, request);
    const startedAtMs = parts.node.clock.monotonicMs();
    parts.traffic.active++;
    // `close` comes exactly once, also when the client leaves early; fastify's onResponse does not.
    reply.raw.once('close', () => {
      parts.traffic.active--;
      record(observer, request, reply, parts.node.clock.monotonicMs() - startedAtMs);
    });
  });
}

type Observer = Pick<ListenerDependencies, 'traffic' | 'log'> & { redactUrl(url: string): string };

function record(
  { traffic, log, redactUrl }: Observer,
  request: FastifyRequest,
  reply: FastifyReply,
  durationMs: number,
): void {
  const status = reply.raw.writableFinished ? reply.statusCode : clientLeft;
  const kind = kindOf(request);
  traffic.request(kind, status, durationMs, -1, -1);
  if (log.level !== 'debug') return;
  const url = redactUrl(request.url);
  log.debug('answered', { requestId: request.id, method: request.method, url, status, durationMs });
}

/** Model lists, and what clients of a dialect asked for in vain; all else is management. */
function kindOf({ url, headers }: FastifyRequest): TrafficKind {
  return modelsPath.test(url) ? 'models' : (dialectOf(url, headers) ?? 'management');
}

function putCommonHeaders(reply: FastifyReply, cors: Cors, request: FastifyRequest): void {
  reply.header('x-request-id', request.id);
  reply.header('x-content-type-options', 'nosniff');
  const headers = cors.headers(request.headers.origin);
  for (let at = 0; at + 1 < headers.length; at += 2) reply.header(headers[at] ?? '', headers[at + 1]);
}

import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { requestId } from '../../kit/random.ts';
import { forwardFaults } from '../forward/faults.ts';
import { protocolFaults } from '../protocols/faults.ts';
import { answerClientError } from './client-error.ts';
import type { ListenerDependencies } from './dependencies.ts';
import type { Cors } from './cors.ts';
import type { Route } from './define-route.ts';
import { faultFrom } from './fault-from.ts';
import { httpFaults } from './faults.ts';
import { observe } from './observe.ts';
import { faultAnswer } from './problem.ts';
import { methodsAt } from './route-path.ts';
import { dataPlaneCalls } from './routes/data-plane.ts';
import { serveRoute } from './serve-route.ts';
import { managementBodySizeBytesMax } from './server-settings.ts';

/** Longest path parameter, characters: model names are the longest, and Bedrock's ARNs among them reach 200. */
const paramLengthMax = 512;

/** Routes check with zod and write with JSON.stringify; fastify's own way loads ajv and fast-json-stringify at the start. */
const withoutSchemas = {
  compilersFactory: { buildValidator: () => refuseSchema, buildSerializer: () => refuseSchema },
};

export interface RoutesHostParts extends ListenerDependencies {
  cors: Cors;
  routes: readonly Route[];
  /** The data plane answers on this port too: its paths are known, although not ours. */
  hasDataPlane: boolean;
  /** Makes the server around fastify's request handler. */
  serverOf(routes: RequestListener): Server;
}

export interface RoutesHost {
  readonly server: Server;
  close(): Promise<void>;
}

/** Everything that is not the data plane's, on fastify. */
export async function openRoutes(parts: RoutesHostParts): Promise<RoutesHost> {
  const answerFault = faultAnswerer(parts);
  const app: FastifyInstance = fastify({
    logger: false,
    schemaController: withoutSchemas,
    bodyLimit: managementBodySizeBytesMax,
    routerOptions: { maxParamLength: paramLengthMax, ignoreTrailingSlash: true },
    genReqId: () => requestId(parts.node.random),
    serverFactory: (handler) => parts.serverOf(handler),
    clientErrorHandler: (error, socket: Socket) => answerClientError(error, socket),
    frameworkErrors: (error, request, reply) => {
      answerFault(error, request, reply);
    },
  });
  readJsonOnly(app);
  observe(app, parts);
  for (const route of parts.routes) serveRoute(app, route, parts);
  const methodsOf = methodsAt(parts.hasDataPlane ? [...parts.routes, ...dataPlaneCalls] : parts.routes);
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(request.url);
    if (methods.length > 0) reply.header('allow', [...methods, 'OPTIONS'].join(', '));
    return answerFault(noRoute(request.method, methods), request, reply);
  });
  app.setErrorHandler(answerFault);
  await app.ready();
  return { server: app.server, close: () => app.close() };
}

function refuseSchema(): never {
  throw new TypeError("a route was given a fastify schema; defineRoute's are zod's");
}

function faultAnswerer(parts: RoutesHostParts) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const fault = faultFrom(error);
    if (fault.code === 'internal') parts.log.error('a route failed', { requestId: request.id, error: fault.cause });
    const answer = faultAnswer(fault, request, parts.dialects, request.id);
    reply.code(answer.status);
    for (let at = 0; at + 1 < answer.headers.length; at += 2) {
      reply.header(answer.headers[at] ?? '', answer.headers[at + 1]);
    }
    if (answer.status === 401) reply.header('www-authenticate', 'Bearer');
    return reply.send(answer.body);
  };
}

/** 405 with the methods that exist, where the path exists; else 404. */
function noRoute(method: string, methods: readonly string[]): Error {
  if (methods.length === 0) return httpFaults.not_found('there is nothing at this path');
  return forwardFaults.method_not_allowed(`this path takes ${methods.join(', ')}, not ${method}`);
}

/** Any content type is read as JSON: `curl -d` says form-urlencoded when its user forgets the header. */
function readJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, async (_request: FastifyRequest, body: string) => {
    if (body.trim() === '') return undefined;
    try {
      return JSON.parse(body) as unknown;
    } catch (cause) {
      throw protocolFaults.invalid_json('the body is not well-formed JSON', { cause });
    }
  });
}

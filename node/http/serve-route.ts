import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CredentialVerifier, Principal } from '../auth/contract.ts';
import { authenticate } from '../auth/find-credential.ts';
import { requirePermission } from '../auth/principal.ts';
import { isFault } from '../../kit/fault.ts';
import type { Route, RoutePermission } from './define-route.ts';
import type { Reply } from './reply.ts';
import { fastifyPath, namedParams } from './route-path.ts';

/** Query parameters that carry keys and therefore belong to no route, unless the route declares them itself. */
const credentialParameters = ['key', 'token'];

/** Registers one route: the caller is known and allowed before a byte of the body is read. */
export function serveRoute(app: FastifyInstance, route: Route, verifier: CredentialVerifier): void {
  const callers = new WeakMap<FastifyRequest, Principal>();
  app.route<{ Params: Record<string, string>; Querystring: Record<string, unknown> }>({
    method: route.method,
    url: fastifyPath(route.path),
    async onRequest(request, reply) {
      try {
        const caller = admit(route.permission, request, verifier);
        if (caller !== undefined) callers.set(request, caller);
      } catch (error) {
        const page = pageInstead(error, route, request);
        if (page === undefined) throw error;
        return send(reply, page);
      }
      return undefined;
    },
    async handler(request, reply) {
      const answer = await route.run({
        headers: request.headers,
        caller: callers.get(request),
        params: namedParams(route.path, request.params),
        query: ownQuery(route, request.query),
        body: request.body,
      });
      return send(reply, answer);
    },
  });
}

function admit(
  permission: RoutePermission,
  request: FastifyRequest,
  verifier: CredentialVerifier,
): Principal | undefined {
  if (permission === 'none') return undefined;
  const caller = authenticate(verifier, request.headers, request.raw.url ?? '');
  if (permission !== 'any') requirePermission(caller, permission);
  return caller;
}

/** A person in a browser gets a page that asks for the key; the status stays the refusal's. */
function pageInstead(error: unknown, route: Route, request: FastifyRequest): Reply | undefined {
  const wantsPage = request.headers.accept?.includes('text/html') === true;
  return wantsPage && isFault(error) ? route.pageWithoutKey?.withStatus(error.status) : undefined;
}

export function send(reply: FastifyReply, answer: Reply): FastifyReply {
  reply.code(answer.status).headers(answer.headers);
  return answer.body === '' ? reply.send() : reply.send(answer.body);
}

function ownQuery(route: Route, query: Record<string, unknown>): Record<string, unknown> {
  const own = { ...query };
  for (const name of credentialParameters) if (!declares(route, name)) delete own[name];
  return own;
}

/** `/cache/clear?key=` and `/traces?key=` use the name for something of their own. */
function declares(route: Route, name: string): boolean {
  const shape: unknown = route.query === undefined ? undefined : Reflect.get(route.query, 'shape');
  return typeof shape === 'object' && shape !== null && name in shape;
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isFault } from '../../kit/fault.ts';
import type { Principal } from '../auth/contract.ts';
import { admit } from './admit.ts';
import type { Route } from './define-route.ts';
import type { ListenerDependencies } from './dependencies.ts';
import type { Reply } from './reply.ts';
import { fastifyPath, namedParams } from './route-path.ts';

/** Query parameters that carry keys and therefore belong to no route, unless the route declares them itself. */
const credentialParameters = ['key', 'token'];

type CallerDependencies = Pick<ListenerDependencies, 'verifier' | 'clientAddress'>;

/** Registers one route: the caller is known and allowed before a byte of the body is read. */
export function serveRoute(app: FastifyInstance, route: Route, parts: CallerDependencies): void {
  const { verifier, clientAddress } = parts;
  const takesKeyParameter = declares(route, 'key');
  const callers = new WeakMap<FastifyRequest, Principal>();
  const addressOf = ({ raw, headers }: FastifyRequest) =>
    clientAddress.of(raw.socket.remoteAddress, headers['x-forwarded-for']);
  app.route<{ Params: Record<string, string>; Querystring: Record<string, unknown> }>({
    method: route.method,
    url: fastifyPath(route.path),
    async onRequest(request, reply) {
      try {
        const { permission } = route;
        const { headers, raw } = request;
        const call = { permission, takesKeyParameter, headers, url: raw.url ?? '', address: addressOf(request) };
        const caller = await admit(call, verifier);
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
        address: addressOf(request),
        caller: callers.get(request),
        params: namedParams(route.path, request.params),
        query: ownQuery(route, request.query),
        body: request.body,
      });
      return send(reply, answer);
    },
  });
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

import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { Principal } from '../auth/contract.ts';
import type { Permission } from '../auth/contract.ts';
import { Reply } from './reply.ts';
import { validate } from './validate.ts';

export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A permission by name; `all` for who holds every one; `any` for every known key; `none` for the few calls that need no key. */
export type RoutePermission = Permission | 'all' | 'any' | 'none';

/** What every handler is given beside the validated parts. */
export interface RouteContext {
  readonly headers: IncomingHttpHeaders;
  /** The client's, as trusted proxies tell it. */
  readonly address: string;
  /** Undefined only where the permission is `none`. */
  readonly caller: Principal | undefined;
}

export interface RouteCall<Params, Query, Body> extends RouteContext {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
}

interface RouteBase {
  readonly method: RouteMethod;
  /** OpenAPI's form: `/accounts/{id}`. A last parameter `{model+}` takes slashes too. */
  readonly path: string;
  readonly permission: RoutePermission;
  /** Section of the documentation. */
  readonly tag: string;
  /** One line; what the call is for. */
  readonly summary: string;
  /** Status of the normal answer; 200 when absent. */
  readonly status?: number;
  /** Media type of the normal answer; JSON when absent. */
  readonly mediaType?: string;
  /** A second media type that the caller may ask for, which is not JSON. */
  readonly otherMediaType?: string;
  /** HTML for a browser that comes without a key: sent with the 401, so that a person can enter one. */
  readonly pageWithoutKey?: Reply;
}

export interface RouteDefinition<Params, Query, Body, Answer> extends RouteBase {
  readonly params?: z.ZodType<Params>;
  /** Absent: whatever query comes is ignored. Present: unknown parameters are refused, keys excepted. */
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** Shape of the normal answer; absent where it is not JSON or empty. */
  readonly response?: z.ZodType<Answer>;
  readonly handler: (call: RouteCall<Params, Query, Body>) => Answer | Reply | Promise<Answer | Reply>;
}

/** A request's parts as they came. */
export interface RouteInput extends RouteContext {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** A route as the listener and the documentation see it, its types closed over. */
export interface Route extends RouteBase {
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  readonly response: z.ZodType | undefined;
  /** Validates and runs the handler. Throws `invalid_request` naming the field, and whatever the handler throws. */
  run(input: RouteInput): Promise<Reply>;
}

/**
 * The one way to declare a route: who may call it, what it takes, what it answers. The listener takes authentication,
 * validation and error answers from it, and /openapi.json its documentation.
 */
export function defineRoute<Params = undefined, Query = undefined, Body = undefined, Answer = undefined>(
  definition: RouteDefinition<Params, Query, Body, Answer>,
): Route {
  const { params, query, body, response, handler, ...base } = definition;
  return {
    ...base,
    params,
    query,
    body,
    response,
    async run(input) {
      const answer = await handler({
        headers: input.headers,
        address: input.address,
        caller: input.caller,
        params: validate(params, input.params, 'params'),
        query: validate(query, input.query, 'query'),
        body: validate(body, input.body, 'body'),
      });
      return answer instanceof Reply ? answer : Reply.json(base.status ?? 200, answer);
    },
  };
}

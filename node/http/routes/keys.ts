import { z } from 'zod';
import type { ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { nextCursor, nextCursorOf, pageParameters, pageQueryOf } from '../paging.ts';
import { idText } from '../plain-text.ts';
import { Reply } from '../reply.ts';
import { callerOf } from './auth.ts';
import { keyBodies, keyChangesOf, keyFieldsOf, keySchema, keyView } from './key-shapes.ts';

const tag = 'keys';
const idParams = z.strictObject({ id: idText.describe("the key's id") });

type KeyDependencies = Pick<ManagementDependencies, 'keys' | 'providers' | 'algorithms' | 'node'>;

/** API keys: shown once, when they are made. */
export function keyRoutes(dependencies: KeyDependencies): Route[] {
  const { providers, algorithms, node } = dependencies;
  const ids = providers.map(({ id }) => id);
  const bodies = keyBodies(ids, algorithms, () => node.clock.nowMs());
  return [
    list(dependencies),
    add(dependencies, bodies.created),
    show(dependencies),
    change(dependencies, bodies.changed),
    revoke(dependencies),
  ];
}

type Bodies = ReturnType<typeof keyBodies>;

function list({ keys }: KeyDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/keys',
    permission: 'keys:read',
    tag,
    summary: 'The API keys, ordered by id, without the keys themselves',
    query: z.strictObject({ ...pageParameters, user: idText.optional().describe('id: the keys of this user alone') }),
    response: z.strictObject({ keys: z.array(keySchema), next_cursor: nextCursor }),
    handler({ query }) {
      const page = keys.list({ ...pageQueryOf('keys', query), user: query.user });
      return { keys: page.items.map(keyView), next_cursor: nextCursorOf('keys', page) };
    },
  });
}

function add({ keys }: KeyDependencies, body: Bodies['created']): Route {
  return defineRoute({
    method: 'POST',
    path: '/keys',
    permission: 'keys:write',
    tag,
    summary: 'Makes a key; the answer has it this once',
    status: 201,
    body,
    response: z.strictObject({
      id: z.string(),
      name: z.string(),
      prefix: z.string(),
      key: z.string().describe('shown this once; the node keeps only its hash'),
    }),
    async handler({ body, caller }) {
      const { key, secret } = await keys.create(keyFieldsOf(body), callerOf({ caller }));
      const { id, prefix } = key;
      const headers = { location: `/keys/${encodeURIComponent(id)}`, 'cache-control': 'no-store' };
      return Reply.json(201, { id, name: key.name, prefix, key: secret }, headers);
    },
  });
}

function show({ keys }: KeyDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/keys/{id}',
    permission: 'keys:read',
    tag,
    summary: 'One key, without the key itself',
    params: idParams,
    response: keySchema,
    handler: ({ params }) => keyView(keys.get(params.id)),
  });
}

function change({ keys }: KeyDependencies, body: Bodies['changed']): Route {
  return defineRoute({
    method: 'PATCH',
    path: '/keys/{id}',
    permission: 'keys:write',
    tag,
    summary: 'Changes the fields given; null takes a restriction or limit away',
    params: idParams,
    body,
    response: keySchema,
    handler: async ({ params, body, caller }) =>
      keyView(await keys.change(params.id, keyChangesOf(body), callerOf({ caller }))),
  });
}

function revoke({ keys }: KeyDependencies): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/keys/{id}',
    permission: 'keys:write',
    tag,
    summary: 'Revokes the key: when this is answered, every live member refuses it',
    status: 204,
    params: idParams,
    handler: ({ params, caller }) => keys.revoke(params.id, callerOf({ caller })),
  });
}

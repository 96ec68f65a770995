import { z } from 'zod';
import type { ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { nextCursor, nextCursorOf, pageParameters, pageQueryOf } from '../paging.ts';
import { idText, roleNameText } from '../plain-text.ts';
import { Reply } from '../reply.ts';
import { callerOf } from './auth.ts';
import { newPasswordText, userSchema, usernameText, userView } from './user-shapes.ts';

const tag = 'users';
const idParams = z.strictObject({ id: idText.describe("the user's id") });

type UserDependencies = Pick<ManagementDependencies, 'users'>;

/** People who log in. Passwords go in and never come out. */
export function userRoutes(dependencies: UserDependencies): Route[] {
  return [list(dependencies), add(dependencies), show(dependencies), change(dependencies), remove(dependencies)];
}

function list({ users }: UserDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/users',
    permission: 'users:read',
    tag,
    summary: 'The users, ordered by id',
    query: z.strictObject(pageParameters),
    response: z.strictObject({ users: z.array(userSchema), next_cursor: nextCursor }),
    handler({ query }) {
      const page = users.list(pageQueryOf('users', query));
      return { users: page.items.map(userView), next_cursor: nextCursorOf('users', page) };
    },
  });
}

function add({ users }: UserDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/users',
    permission: 'users:write',
    tag,
    summary: 'Adds a user',
    status: 201,
    body: z.strictObject({ username: usernameText, password: newPasswordText, role: roleNameText }),
    response: userSchema,
    async handler({ body, caller }) {
      const user = await users.create(body, callerOf({ caller }));
      return Reply.json(201, userView(user), { location: `/users/${encodeURIComponent(user.id)}` });
    },
  });
}

function show({ users }: UserDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/users/{id}',
    permission: 'users:read',
    tag,
    summary: 'One user',
    params: idParams,
    response: userSchema,
    handler: ({ params }) => userView(users.get(params.id)),
  });
}

const changes = z
  .strictObject({ username: usernameText, password: newPasswordText, role: roleNameText, enabled: z.boolean() })
  .partial();

function change({ users }: UserDependencies): Route {
  return defineRoute({
    method: 'PATCH',
    path: '/users/{id}',
    permission: 'users:write',
    tag,
    summary: 'Changes the fields given; a user who is not enabled can neither log in nor use a key',
    params: idParams,
    body: changes,
    response: userSchema,
    async handler({ params, body, caller }) {
      const { username, password, role, enabled } = body;
      const fields = {
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        ...(role === undefined ? {} : { role }),
        ...(enabled === undefined ? {} : { isEnabled: enabled }),
      };
      return userView(await users.change(params.id, fields, callerOf({ caller })));
    },
  });
}

function remove({ users }: UserDependencies): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/users/{id}',
    permission: 'users:write',
    tag,
    summary: 'Removes the user with all keys and sessions',
    status: 204,
    params: idParams,
    handler: ({ params, caller }) => users.remove(params.id, callerOf({ caller })),
  });
}

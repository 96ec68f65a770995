import { z } from 'zod';
import { permissions, type Role } from '../../auth/contract.ts';
import type { ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route } from '../define-route.ts';
import { roleNameText } from '../plain-text.ts';
import { nextCursorSchema } from './account-view.ts';
import { callerOf } from './auth.ts';

const tag = 'roles';
const nameParams = z.strictObject({ name: roleNameText });
const permissionList = z.array(z.enum(permissions));

const roleSchema = z.strictObject({
  name: z.string(),
  permissions: permissionList,
  built_in: z.boolean().describe('admin, operator, viewer and user, which cannot be changed'),
});

type RoleDependencies = Pick<ManagementDependencies, 'roles'>;

/** Roles: names for sets of permissions. */
export function roleRoutes(dependencies: RoleDependencies): Route[] {
  return [list(dependencies), show(dependencies), put(dependencies), remove(dependencies)];
}

function list({ roles }: RoleDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/roles',
    permission: 'users:read',
    tag,
    summary: 'All roles, the built-in ones among them',
    response: z.strictObject({ roles: z.array(roleSchema), next_cursor: nextCursorSchema }),
    handler: () => ({ roles: roles.list().map(viewOf), next_cursor: null }),
  });
}

function show({ roles }: RoleDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/roles/{name}',
    permission: 'users:read',
    tag,
    summary: 'One role',
    params: nameParams,
    response: roleSchema,
    handler: ({ params }) => viewOf(roles.get(params.name)),
  });
}

function put({ roles }: RoleDependencies): Route {
  return defineRoute({
    method: 'PUT',
    path: '/roles/{name}',
    permission: 'users:write',
    tag,
    summary: 'Makes a role or gives it other permissions; nobody gives one that he has not himself',
    params: nameParams,
    body: z.strictObject({ permissions: permissionList.max(permissions.length) }),
    response: roleSchema,
    handler: async ({ params, body, caller }) =>
      viewOf(await roles.put(params.name, [...new Set(body.permissions)], callerOf({ caller }))),
  });
}

function remove({ roles }: RoleDependencies): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/roles/{name}',
    permission: 'users:write',
    tag,
    summary: 'Removes a role that no user and no key has',
    status: 204,
    params: nameParams,
    handler: ({ params, caller }) => roles.remove(params.name, callerOf({ caller })),
  });
}

function viewOf({ name, permissions, isBuiltIn }: Role): z.infer<typeof roleSchema> {
  return { name, permissions: [...permissions], built_in: isBuiltIn };
}

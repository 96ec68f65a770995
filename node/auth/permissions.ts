import { permissions, type Permission } from './contract.ts';

export type RoleName = 'admin' | 'operator' | 'viewer' | 'user';

/**
 * The built-in roles. An operator runs the node but does not decide who may use it or which nodes belong to it; a
 * viewer sees how things stand but neither people nor single requests; a user sends requests.
 */
export const roles: Readonly<Record<RoleName, ReadonlySet<Permission>>> = {
  admin: new Set(permissions),
  operator: new Set([
    'proxy:use',
    'users:read',
    'keys:read',
    'accounts:read',
    'accounts:write',
    'routing:read',
    'routing:write',
    'cache:read',
    'cache:write',
    'queue:read',
    'queue:write',
    'stats:read',
    'traces:read',
    'cluster:read',
  ] as const),
  viewer: new Set(['accounts:read', 'routing:read', 'cache:read', 'queue:read', 'stats:read', 'cluster:read'] as const),
  user: new Set(['proxy:use'] as const),
};

export function isPermission(name: string): name is Permission {
  return (permissions as readonly string[]).includes(name);
}

import { authFaults } from './faults.ts';
import type { Permission, Principal } from './contract.ts';
import { roles, type RoleName } from './permissions.ts';

/** Makes a caller; `permissions` is a role's name or a set of one's own. */
export function principal(id: string, permissions: RoleName | ReadonlySet<Permission>): Principal {
  const granted = typeof permissions === 'string' ? roles[permissions] : permissions;
  return Object.freeze({ id, key: id, tenant: id, permissions: granted, canSeeAccounts: granted.has('accounts:read') });
}

/** Throws `permission_denied` (403), naming the permission that is missing, unless the caller holds it. */
export function requirePermission(caller: Principal, permission: Permission): void {
  if (caller.permissions.has(permission)) return;
  throw authFaults.permission_denied(`this call needs the permission ${permission}, which your key does not have`);
}

import { authFaults } from './faults.ts';
import type { Permission, Principal } from './contract.ts';

/**
 * Nobody gives a right that he has not himself, nor takes hold of who has more than he. Throws `permission_denied`,
 * naming one permission that is missing.
 */
export function requireAll(by: Principal, permissions: ReadonlySet<Permission>, what: string): void {
  for (const permission of permissions) {
    if (by.permissions.has(permission)) continue;
    throw authFaults.permission_denied(`${what} has the permission ${permission}, which your key does not have`);
  }
}

import type { AuthTableParts } from './auth-table.ts';
import type { Permission, Principal } from './contract.ts';
import { KeyBook, type HeldKey } from './key-book.ts';
import { Revision } from './revision.ts';
import { RoleBook } from './role-book.ts';
import { SessionBook } from './session-book.ts';
import { UserBook, type HeldUser } from './user-book.ts';

/** A new key may use the proxy and nothing else. */
export const defaultKeyRole = 'user';

/**
 * Users, keys, roles and sessions as all members have them, held in memory: what another member changed takes effect
 * with the next request.
 */
export class Directory {
  readonly revision = new Revision();
  readonly roles: RoleBook;
  readonly users: UserBook;
  readonly keys: KeyBook;
  readonly sessions: SessionBook;

  constructor(parts: AuthTableParts) {
    this.roles = new RoleBook(parts, this.revision);
    this.users = new UserBook(parts, () => this.revision.raise());
    this.keys = new KeyBook(parts, () => this.revision.raise());
    this.sessions = new SessionBook(parts, this.revision);
  }

  /** Undefined for a key that is disabled, or whose user is disabled or gone. Whether it has expired is not asked. */
  principalOfKey({ id, record, policy, lastUse }: HeldKey): Principal | undefined {
    const user = record.user === undefined ? undefined : this.users.get(record.user);
    if (record.isEnabled === false) return undefined;
    if (record.user !== undefined && user?.value.isEnabled !== true) return undefined;
    const permissions = this.permissionsOfKey(record.role, user);
    return Object.freeze({
      id,
      permissions,
      canSeeAccounts: permissions.has('accounts:read'),
      user: record.user,
      key: id,
      tenant: record.sharesCache === true ? 'shared' : (record.user ?? id),
      expiresAtMs: record.expiresAtMs,
      policy,
      lastUse,
    });
  }

  /** What the key's role allows and its user's too: nobody can do by a key what he cannot do himself. */
  permissionsOfKey(role: string | undefined, user: HeldUser | undefined): ReadonlySet<Permission> {
    const own = this.roles.permissionsOf(role ?? defaultKeyRole);
    if (user === undefined) return own;
    const most = this.roles.permissionsOf(user.value.role);
    return new Set([...own].filter((permission) => most.has(permission)));
  }

  /** Of a user who logged in; undefined where that has ended, or the user is disabled or gone. */
  principalOfSession(sessionId: string, userId: string, expiresAtMs: number): Principal | undefined {
    const user = this.users.get(userId);
    const session = this.sessions.get(sessionId);
    if (user === undefined || session === undefined || !isSessionOf(session.value, user)) return undefined;
    const permissions = this.roles.permissionsOf(user.value.role);
    return Object.freeze({
      id: userId,
      permissions,
      canSeeAccounts: permissions.has('accounts:read'),
      user: userId,
      key: undefined,
      tenant: userId,
      expiresAtMs,
      policy: undefined,
      lastUse: undefined,
    });
  }
}

/** False as well for what the user's password, or being disabled, has ended since. */
export function isSessionOf(session: { user: string; epoch: number }, user: HeldUser): boolean {
  return session.user === user.id && user.value.isEnabled && session.epoch === user.value.epoch;
}

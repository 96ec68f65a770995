import { createHash } from 'node:crypto';
import type { Clock } from '../../../kit/clock.ts';
import { defineFaults } from '../../../kit/fault.ts';
import {
  type ApiKey,
  type CredentialSource,
  type KeyDesk,
  type KeyFields,
  type Page,
  type PageQuery,
  type Permission,
  type Principal,
  type RoleDesk,
  type SessionDesk,
  type SessionTokens,
  type User,
  type UserDesk,
} from '../../../node/auth/contract.ts';
import { isPermission, roles as builtIn } from '../../../node/auth/permissions.ts';

const client = { source: 'client', retry: 'never', summary: 'Of a double.' } as const;
const faults = defineFaults({
  user_not_found: { ...client, status: 404 },
  username_taken: { ...client, status: 409 },
  weak_password: { ...client, status: 400 },
  role_not_found: { ...client, status: 404 },
  role_built_in: { ...client, status: 409 },
  role_in_use: { ...client, status: 409 },
  key_not_found: { ...client, status: 404 },
  unknown_account: { ...client, status: 400 },
  permission_denied: { ...client, status: 403 },
  login_refused: { ...client, status: 401 },
  login_locked: { ...client, status: 429 },
  refresh_refused: { ...client, status: 401 },
});

const wrongPasswordsMax = 5;
const lockMs = 60_000;

interface KeptUser {
  user: User;
  password: string;
}
interface KeptKey {
  key: ApiKey;
  secret: string;
}

/** Users, keys, roles and sessions in memory, by their contract. Passwords stand in them as they came. */
export class MemoryPeople implements CredentialSource {
  readonly #clock: Clock;
  readonly #users = new Map<string, KeptUser>();
  readonly #keys = new Map<string, KeptKey>();
  readonly #roles = new Map<string, readonly Permission[]>();
  /** User id by refresh token, and by access token. */
  readonly #sessions = new Map<string, string>();
  readonly #tokens = new Map<string, { user: string; expiresAtMs: number }>();
  /** Signed tokens that were checked. */
  readonly #learned = new Set<string>();
  readonly #wrong = new Map<string, number>();
  /** Addresses that logins came from. */
  readonly addresses: string[] = [];
  #made = 0;
  #asked = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Changes with every question, so that nothing is remembered. */
  get revision(): number {
    return ++this.#asked;
  }

  find(credential: string): Principal | undefined {
    const kept = [...this.#keys.values()].find(({ secret }) => secret === credential);
    if (kept !== undefined) return this.#principalOfKey(kept.key);
    const token = this.#learned.has(credential) ? this.#tokens.get(credential) : undefined;
    const user = token === undefined ? undefined : this.#users.get(token.user)?.user;
    if (token === undefined || user === undefined || token.expiresAtMs <= this.#clock.nowMs()) return undefined;
    return principalOf({ id: user.id, user: user.id }, this.#permissionsOf(user.role), user.id);
  }

  learn(credential: string): Promise<void> | undefined {
    if (!credential.startsWith('jwt.') || this.#learned.has(credential)) return undefined;
    return Promise.resolve().then(() => void this.#learned.add(credential));
  }

  readonly users: UserDesk = {
    list: (query) => pageOf(this.#users, query, ({ user }) => user),
    get: (id) => this.#user(id).user,
    create: async ({ username, password, role }, by) => {
      this.#mayGive(role, by);
      this.#freeName(username);
      strong(password);
      const user: User = {
        id: this.#id('user'),
        username,
        role,
        isEnabled: true,
        createdAtMs: this.#clock.nowMs(),
        lockedUntilMs: undefined,
      };
      this.#users.set(user.id, { user, password });
      return user;
    },
    change: async (id, { password, ...fields }, by) => {
      const kept = this.#user(id);
      if (fields.role !== undefined) this.#mayGive(fields.role, by);
      if (fields.username !== undefined && fields.username !== kept.user.username) this.#freeName(fields.username);
      if (password !== undefined) strong(password);
      kept.user = { ...kept.user, ...fields };
      kept.password = password ?? kept.password;
      return kept.user;
    },
    remove: async (id) => {
      this.#user(id);
      this.#users.delete(id);
      for (const [keyId, { key }] of this.#keys) if (key.user === id) this.#keys.delete(keyId);
      for (const [token, user] of this.#sessions) if (user === id) this.#sessions.delete(token);
    },
  };

  readonly keys: KeyDesk = {
    list: ({ user, ...query }) =>
      pageOf(new Map([...this.#keys].filter(([, { key }]) => user === undefined || key.user === user)), query, (kept) =>
        shown(kept.key),
      ),
    get: (id) => shown(this.#key(id).key),
    create: async (fields, by) => {
      this.#checkKey(fields, by);
      const id = this.#id('key');
      const secret = `aip_${createHash('sha256').update(id).digest('base64url')}`;
      const key: ApiKey = {
        ...fields,
        id,
        prefix: secret.slice(0, 8),
        createdAtMs: this.#clock.nowMs(),
        lastUsedAtMs: undefined,
      };
      this.#keys.set(id, { key, secret });
      return { key, secret };
    },
    change: async (id, changes, by) => {
      const kept = this.#key(id);
      const entries = Object.entries({ ...kept.key, ...changes }).filter(([, value]) => value !== null);
      const key = Object.fromEntries(entries) as unknown as ApiKey;
      this.#checkKey(key, by);
      kept.key = key;
      return key;
    },
    revoke: async (id) => {
      this.#key(id);
      this.#keys.delete(id);
    },
  };

  readonly roles: RoleDesk = {
    list: () =>
      [...Object.keys(builtIn), ...this.#roles.keys()].toSorted().map((name) => ({
        name,
        permissions: this.#permissionsOf(name),
        isBuiltIn: Object.hasOwn(builtIn, name),
      })),
    get: (name) => ({
      name,
      permissions: this.#permissionsOf(name),
      isBuiltIn: Object.hasOwn(builtIn, name),
    }),
    put: async (name, permissions, by) => {
      if (Object.hasOwn(builtIn, name)) throw faults.role_built_in(`${name} is built in`, { field: 'name' });
      const more = permissions.find((permission) => !by.permissions.has(permission));
      if (more !== undefined) throw faults.permission_denied(`you have no ${more} to give`, { field: 'permissions' });
      this.#roles.set(name, permissions);
      return { name, permissions, isBuiltIn: false };
    },
    remove: async (name) => {
      this.#permissionsOf(name);
      if (Object.hasOwn(builtIn, name)) throw faults.role_built_in(`${name} is built in`);
      const isUsed = [...this.#users.values()].some(({ user }) => user.role === name);
      if (isUsed) throw faults.role_in_use(`${name} is in use`);
      this.#roles.delete(name);
    },
  };

  readonly sessions: SessionDesk = {
    login: async (username, password, clientAddress) => {
      this.addresses.push(clientAddress);
      const wrong = this.#wrong.get(username) ?? 0;
      if (wrong >= wrongPasswordsMax) throw faults.login_locked('too many wrong passwords', { retryAfterMs: lockMs });
      const kept = [...this.#users.values()].find(({ user }) => user.username === username);
      if (kept === undefined || kept.password !== password || !kept.user.isEnabled) {
        this.#wrong.set(username, wrong + 1);
        throw faults.login_refused('the name or the password is wrong');
      }
      return this.#issue(kept.user.id);
    },
    refresh: async (refreshToken) => {
      const user = this.#sessions.get(refreshToken);
      this.#sessions.delete(refreshToken);
      if (user === undefined) throw faults.refresh_refused('this refresh token is not good');
      return this.#issue(user);
    },
    logout: async (refreshToken) => void this.#sessions.delete(refreshToken),
  };

  #issue(user: string): SessionTokens {
    const accessToken = this.#id('jwt.');
    const refreshToken = this.#id('refresh');
    this.#tokens.set(accessToken, { user, expiresAtMs: this.#clock.nowMs() + 900_000 });
    this.#sessions.set(refreshToken, user);
    return { accessToken, refreshToken, expiresInMs: 900_000 };
  }

  #principalOfKey(key: ApiKey): Principal | undefined {
    if (key.isEnabled === false || (key.expiresAtMs ?? Infinity) <= this.#clock.nowMs()) return undefined;
    const owner = key.user === undefined ? undefined : this.#users.get(key.user)?.user;
    const most = owner === undefined ? undefined : this.#permissionsOf(owner.role);
    const own = this.#permissionsOf(key.role ?? 'user');
    const permissions = own.filter((permission) => most?.includes(permission) !== false);
    const made = principalOf({ id: key.id, key: key.id, user: key.user }, permissions, key.user ?? key.id);
    const { networks } = key;
    if (networks === undefined) return { ...made, expiresAtMs: key.expiresAtMs };
    return {
      ...made,
      policy: {
        allowsModel: () => true,
        providers: undefined,
        allowsAddress: (address) => networks.includes(address),
        scope: undefined,
        limits: undefined,
        promptKeepMs: undefined,
      },
    };
  }

  #permissionsOf(role: string): readonly Permission[] {
    const own = this.#roles.get(role);
    if (own !== undefined) return own;
    const ready = Object.hasOwn(builtIn, role) ? Reflect.get(builtIn, role) : undefined;
    if (ready === undefined) throw faults.role_not_found(`there is no role ${JSON.stringify(role)}`, { field: 'role' });
    return [...(ready as ReadonlySet<string>)].filter(isPermission);
  }

  #mayGive(role: string, by: Principal): void {
    const isKnown = this.#roles.has(role) || Object.hasOwn(builtIn, role);
    if (!isKnown) throw faults.role_not_found('there is no such role', { field: 'role', status: 400 });
    const more = this.#permissionsOf(role).find((permission) => !by.permissions.has(permission));
    if (more !== undefined) throw faults.permission_denied(`you have no ${more} to give`, { field: 'role' });
  }

  #checkKey(fields: KeyFields, by: Principal): void {
    const isOwned = fields.user === undefined || this.#users.has(fields.user);
    if (!isOwned) throw faults.user_not_found('there is no such user', { field: 'user_id', status: 400 });
    if (fields.role !== undefined) this.#mayGive(fields.role, by);
    const stranger = fields.accounts?.find((account) => account.startsWith('no-'));
    if (stranger !== undefined) throw faults.unknown_account('there is no such account', { field: 'accounts' });
  }

  #user(id: string): KeptUser {
    const kept = this.#users.get(id);
    if (kept === undefined) throw faults.user_not_found(`there is no user ${JSON.stringify(id)}`);
    return kept;
  }

  #key(id: string): KeptKey {
    const kept = this.#keys.get(id);
    if (kept === undefined) throw faults.key_not_found(`there is no key ${JSON.stringify(id)}`);
    return kept;
  }

  #freeName(username: string): void {
    const isTaken = [...this.#users.values()].some(({ user }) => user.username === username);
    if (isTaken) throw faults.username_taken('the name is taken', { field: 'username' });
  }

  #id(kind: string): string {
    return `${kind}${String(++this.#made).padStart(4, '0')}`;
  }
}

function strong(password: string): void {
  if (password.length < 8) throw faults.weak_password('at least 8 characters', { field: 'password' });
}

function shown(key: ApiKey): ApiKey {
  return key;
}

function principalOf(
  who: { id: string; user?: string | undefined; key?: string },
  permissions: readonly Permission[],
  tenant: string,
): Principal {
  return { ...who, tenant, permissions: new Set(permissions), canSeeAccounts: permissions.includes('accounts:read') };
}

function pageOf<Kept, T>(all: ReadonlyMap<string, Kept>, query: PageQuery, itemOf: (kept: Kept) => T): Page<T> {
  const { after = '', limit } = query;
  const ids = [...all.keys()].toSorted().filter((id) => id > after);
  const page = ids.slice(0, limit);
  const items = page.flatMap((id) => {
    const kept = all.get(id);
    return kept === undefined ? [] : [itemOf(kept)];
  });
  return { items, next: ids.length > limit ? page.at(-1) : undefined };
}

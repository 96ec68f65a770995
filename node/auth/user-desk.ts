import type { Page, PageQuery, Principal, User, UserDesk } from './contract.ts';
import { authFaults } from './faults.ts';
import type { DeskParts } from './key-desk.ts';
import { newId } from './new-credential.ts';
import { pageOf } from './page.ts';
import { requireStrong } from './password-rules.ts';
import type { Passwords } from './passwords.ts';
import { requireAll } from './rights.ts';
import type { HeldUser, UserRecord } from './user-book.ts';
import { foldedName, usernameOf } from './username.ts';

export interface UserDeskParts extends DeskParts {
  readonly passwords: Passwords;
  /** Wall ms until which nobody can log in as this user. */
  lockedUntilMs(userId: string): number | undefined;
}

type UserChanges = Parameters<UserDesk['change']>[1];

/** Makes, changes and removes users. */
export class Users implements UserDesk {
  readonly #parts: UserDeskParts;

  constructor(parts: UserDeskParts) {
    this.#parts = parts;
  }

  list(query: PageQuery): Page<User> {
    const { items, next } = pageOf(this.#parts.directory.users.table.all(), query);
    return { items: items.map((user) => this.#shown(user)), next };
  }

  get(id: string): User {
    return this.#shown(this.#held(id));
  }

  async create(fields: { username: string; password: string; role: string }, by: Principal): Promise<User> {
    const { directory, passwords, random, clock } = this.#parts;
    const username = this.#checkedName(fields.username);
    this.#checkRole(fields.role, by);
    requireStrong(fields.password, username);
    const password = await passwords.hash(fields.password);
    // Others may have come meanwhile.
    this.#requireFree(username);
    this.#checkRole(fields.role, by);
    const id = newId(random, 'usr');
    const nowMs = Math.floor(clock.nowMs());
    const times = { createdAtMs: nowMs, namedAtMs: nowMs };
    await directory.users.table.put(id, { username, role: fields.role, password, isEnabled: true, epoch: 0, ...times });
    await this.#requireNamed(id, username, () => directory.users.table.remove(id));
    this.#tell('user made', id, by, { username, role: fields.role });
    return this.get(id);
  }

  async change(id: string, changes: UserChanges, by: Principal): Promise<User> {
    const { directory, passwords } = this.#parts;
    this.#checkChange(this.#held(id), changes, by);
    const password = changes.password === undefined ? undefined : await passwords.hash(changes.password);
    const before = this.#held(id);
    // Others may have changed it meanwhile.
    const username = this.#checkChange(before, changes, by);
    await directory.users.table.put(id, this.#changed(before.value, { ...changes, username, password }));
    if (username !== undefined) await this.#requireNamed(id, username, () => this.#rename(id, before.value));
    this.#tell('user changed', id, by, { fields: Object.keys(changes).join(', ') });
    return this.get(id);
  }

  async remove(id: string, by: Principal): Promise<void> {
    const { users, keys, sessions } = this.#parts.directory;
    const user = this.#held(id);
    this.#requireOver(user, by);
    this.#requireOtherAdmin(user);
    // Without its user a key or session is refused, so only the user needs to be confirmed.
    const gone = users.table.remove(id);
    for (const { id: session } of sessions.ofUser(id)) sessions.table.removeLater(session);
    for (const key of keys.all().toArray()) if (key.record.user === id) keys.table.removeLater(key.id);
    this.#tell('user removed', id, by, {});
    await gone;
  }

  #held(id: string): HeldUser {
    const user = this.#parts.directory.users.get(id);
    if (user === undefined) throw authFaults.user_not_found(`there is no user ${JSON.stringify(id.slice(0, 64))}`);
    return user;
  }

  /** Throws unless all of it is allowed; answers the new name in its one form. */
  #checkChange(user: HeldUser, changes: UserChanges, by: Principal): string | undefined {
    this.#requireOver(user, by);
    const username = changes.username === undefined ? undefined : this.#checkedName(changes.username, user);
    if (changes.role !== undefined) this.#checkRole(changes.role, by);
    if (changes.password !== undefined) requireStrong(changes.password, username ?? user.value.username);
    const isDemoted = changes.role !== undefined && changes.role !== 'admin';
    if (isDemoted || changes.isEnabled === false) this.#requireOtherAdmin(user);
    return username;
  }

  #changed(record: UserRecord, { username, password, role, isEnabled }: UserChanges): UserRecord {
    const endsSessions = password !== undefined || (isEnabled === false && record.isEnabled);
    const isRenamed = username !== undefined && foldedName(username) !== foldedName(record.username);
    return {
      ...record,
      username: username ?? record.username,
      namedAtMs: isRenamed ? Math.floor(this.#parts.clock.nowMs()) : record.namedAtMs,
      password: password ?? record.password,
      role: role ?? record.role,
      isEnabled: isEnabled ?? record.isEnabled,
      epoch: record.epoch + (endsSessions ? 1 : 0),
    };
  }

  #checkedName(text: string, user?: HeldUser): string {
    const username = usernameOf(text);
    if (username === undefined)
      throw authFaults.bad_username('username must be 1 to 64 letters, digits and . _ @ + -', { field: 'username' });
    this.#requireFree(username, user);
    return username;
  }

  #requireFree(username: string, user?: HeldUser): void {
    const owner = this.#parts.directory.users.byName(username);
    if (owner !== undefined && owner.id !== user?.id) throw taken(username);
  }

  /** Another member may have given the name away at the same time, and earlier; then this is taken back. */
  async #requireNamed(id: string, username: string, takeBack: () => Promise<void>): Promise<void> {
    if (this.#parts.directory.users.byName(username)?.id === id) return;
    await takeBack();
    throw taken(username);
  }

  async #rename(id: string, { username, namedAtMs }: UserRecord): Promise<void> {
    const now = this.#held(id);
    await this.#parts.directory.users.table.put(id, { ...now.value, username, namedAtMs });
  }

  #checkRole(role: string, by: Principal): void {
    const { roles } = this.#parts.directory;
    if (!roles.has(role))
      throw authFaults.role_not_found(`role: there is no role ${JSON.stringify(role.slice(0, 64))}`, {
        field: 'role',
        status: 400,
      });
    requireAll(by, roles.permissionsOf(role), 'this role');
  }

  #requireOver({ value }: HeldUser, by: Principal): void {
    requireAll(by, this.#parts.directory.roles.permissionsOf(value.role), 'this user');
  }

  #requireOtherAdmin({ id, value }: HeldUser): void {
    if (!isAdmin(value)) return;
    const all = this.#parts.directory.users.table.all();
    if (all.some((other) => other.id !== id && isAdmin(other.value))) return;
    throw authFaults.last_admin('this is the last enabled admin; make another one first');
  }

  #shown(user: HeldUser): User {
    const { role, isEnabled, createdAtMs } = user.value;
    const username = this.#parts.directory.users.nameOf(user);
    return { id: user.id, username, role, isEnabled, createdAtMs, lockedUntilMs: this.#parts.lockedUntilMs(user.id) };
  }

  #tell(message: string, id: string, by: Principal, fields: object): void {
    this.#parts.log.info(message, { by: by.id, id, ...fields });
  }
}

function isAdmin({ role, isEnabled }: UserRecord): boolean {
  return isEnabled && role === 'admin';
}

function taken(username: string): Error {
  return authFaults.username_taken(`there is a user ${username} already`, { field: 'username' });
}

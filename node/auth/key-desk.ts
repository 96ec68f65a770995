import { hash } from 'node:crypto';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import type { ApiKey, KeyChanges, KeyDesk, KeyFields, Page, PageQuery, Principal } from './contract.ts';
import { defaultKeyRole, type Directory } from './directory.ts';
import { authFaults } from './faults.ts';
import { keyFieldsOf, type HeldKey } from './key-book.ts';
import { checkedKeyFields } from './key-fields.ts';
import { newApiKey, newId, shownPrefix } from './new-credential.ts';
import { pageOf } from './page.ts';
import { requireAll } from './rights.ts';

/** What keys name of other rooms. */
export interface KeyReferences {
  hasAccount(id: string): boolean;
  hasProvider(id: string): boolean;
  /** Throws `unknown_strategy`. */
  checkStrategy(name: string): void;
}

export interface DeskParts {
  readonly directory: Directory;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Makes, changes and revokes API keys. */
export class Keys implements KeyDesk {
  readonly #parts: DeskParts;
  readonly #references: KeyReferences;

  constructor(parts: DeskParts, references: KeyReferences) {
    this.#parts = parts;
    this.#references = references;
  }

  list({ user, ...query }: PageQuery & { user?: string | undefined }): Page<ApiKey> {
    const keys = this.#parts.directory.keys.all().filter(({ record }) => user === undefined || record.user === user);
    const { items, next } = pageOf(keys, query);
    return { items: items.map(shown), next };
  }

  get(id: string): ApiKey {
    return shown(this.#held(id));
  }

  async create(fields: KeyFields, by: Principal): Promise<{ key: ApiKey; secret: string }> {
    const { directory, clock, random } = this.#parts;
    const checked = this.#checked(fields, fields, by);
    const secret = newApiKey(random);
    const id = newId(random, 'key');
    const digest = hash('sha256', secret, 'base64url');
    const createdAtMs = Math.floor(clock.nowMs());
    await directory.keys.table.put(id, { ...checked, digest, prefix: shownPrefix(secret), createdAtMs });
    this.#tell('key made', id, by, { user: checked.user, role: checked.role ?? defaultKeyRole });
    return { key: this.get(id), secret };
  }

  async change(id: string, changes: KeyChanges, by: Principal): Promise<ApiKey> {
    const { directory } = this.#parts;
    const { record } = this.#held(id);
    this.#requireOver(record.role, record.user, by);
    const checked = this.#checked(merged(keyFieldsOf(record), changes), changes, by);
    const { digest, prefix, createdAtMs } = record;
    await directory.keys.table.put(id, { ...checked, digest, prefix, createdAtMs });
    this.#tell('key changed', id, by, { fields: Object.keys(changes).join(', ') });
    return this.get(id);
  }

  async revoke(id: string, by: Principal): Promise<void> {
    const { record } = this.#held(id);
    this.#requireOver(record.role, record.user, by);
    const gone = this.#parts.directory.keys.table.remove(id);
    this.#tell('key revoked', id, by, { user: record.user });
    await gone;
  }

  #held(id: string): HeldKey {
    const key = this.#parts.directory.keys.get(id);
    if (key === undefined) throw authFaults.key_not_found(`there is no key ${shortId(id)}`);
    return key;
  }

  /** `given`: what was asked for; only that is compared with what there is elsewhere now. */
  #checked(fields: object, given: object, by: Principal): KeyFields {
    const checked = checkedKeyFields(fields);
    const { role = defaultKeyRole, user, expiresAtMs } = checked;
    if (isGiven(given, 'expiresAtMs') && expiresAtMs !== undefined && expiresAtMs <= this.#parts.clock.nowMs())
      throw authFaults.bad_key_field('expires_at must be a time to come', { field: 'expires_at' });
    if (isGiven(given, 'user') && user !== undefined && this.#parts.directory.users.get(user) === undefined)
      throw authFaults.user_not_found(`user_id: there is no user ${shortId(user)}`, { field: 'user_id', status: 400 });
    if (isGiven(given, 'role') && !this.#parts.directory.roles.has(role))
      throw authFaults.role_not_found(`role: there is no role ${shortId(role)}`, { field: 'role', status: 400 });
    this.#checkReferences(checked, given);
    this.#requireOver(role, user, by);
    return checked;
  }

  #checkReferences(fields: KeyFields, given: object): void {
    const { hasAccount, hasProvider, checkStrategy } = this.#references;
    const account = isGiven(given, 'accounts') ? fields.accounts?.find((id) => !hasAccount(id)) : undefined;
    if (account !== undefined)
      throw authFaults.unknown_account(`accounts: there is no account ${account}`, { field: 'accounts' });
    const provider = isGiven(given, 'providers') ? fields.providers?.find((id) => !hasProvider(id)) : undefined;
    if (provider !== undefined)
      throw authFaults.unknown_provider(`providers: there is no provider ${provider}`, { field: 'providers' });
    if (isGiven(given, 'strategy') && fields.strategy !== undefined) checkStrategy(fields.strategy);
  }

  /** The role counts as it is, not only as far as the user's goes: that one may be given more later. */
  #requireOver(role: string | undefined, user: string | undefined, by: Principal): void {
    const { roles, users } = this.#parts.directory;
    requireAll(by, roles.permissionsOf(role ?? defaultKeyRole), 'the role of this key');
    const owner = user === undefined || user === by.user ? undefined : users.get(user);
    if (owner !== undefined) requireAll(by, roles.permissionsOf(owner.value.role), 'the user of this key');
  }

  #tell(message: string, id: string, by: Principal, fields: object): void {
    this.#parts.log.info(message, { by: by.id, id, ...fields });
  }
}

function shown({ id, record, lastUse }: HeldKey): ApiKey {
  const { prefix, createdAtMs } = record;
  const lastUsedAtMs = lastUse.atMs === 0 ? undefined : lastUse.atMs;
  return { ...keyFieldsOf(record), id, prefix, createdAtMs, lastUsedAtMs };
}

function merged(fields: KeyFields, changes: KeyChanges): object {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const taken = given.map(([name, value]) => [name, value ?? undefined] as const);
  return { ...fields, ...Object.fromEntries(taken) };
}

function isGiven(fields: object, name: string): boolean {
  return Reflect.get(fields, name) !== undefined;
}

/** What a caller sent as an id goes into a message, but not at any length. */
function shortId(id: string): string {
  return JSON.stringify(id.slice(0, 64));
}

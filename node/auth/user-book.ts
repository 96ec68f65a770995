import { z } from 'zod';
import { AuthTable, type AuthTableParts, type Held } from './auth-table.ts';
import { foldedName, usernameOf } from './username.ts';

const timeMs = z.number().int().min(0).max(8_640_000_000_000_000);

const userSchema = z.object({
  username: z.string().refine((name) => usernameOf(name) === name),
  role: z.string().min(1).max(64),
  /** As `password-hash.ts` writes it. */
  password: z.string().min(1).max(512),
  isEnabled: z.boolean(),
  createdAtMs: timeMs,
  /** When the user took its name: of two of one name the earlier has it. */
  namedAtMs: timeMs,
  /** Rises with whatever ends the user's sessions. */
  epoch: z.number().int().min(0),
});

export type UserRecord = z.infer<typeof userSchema>;
export type HeldUser = Held<UserRecord>;

/** Between a name and what tells its owner from an earlier one; no name has it. */
const mark = '~';
const suffixLength = 6;

/**
 * Users by id and name. Two members that make users of one name at once do not know of each other: every member sees
 * the later one under its name and a suffix, so that a name never means two people.
 */
export class UserBook {
  readonly table: AuthTable<UserRecord>;
  readonly #byName = new Map<string, Map<string, HeldUser>>();
  readonly #parts: AuthTableParts;

  constructor(parts: AuthTableParts, onChange: (now: HeldUser | undefined, before: HeldUser | undefined) => void) {
    this.#parts = parts;
    this.table = new AuthTable(parts, {
      table: 'users',
      schema: userSchema,
      isFinal: true,
      fields: Object.keys(userSchema.shape),
      onChange: (now, before) => {
        if (before !== undefined) this.#forgetName(before);
        if (now !== undefined) this.#noteName(now);
        onChange(now, before);
      },
    });
  }

  get(id: string): HeldUser | undefined {
    return this.table.get(id);
  }

  /** By the name that others see, in any case. */
  byName(name: string): HeldUser | undefined {
    const [base = '', suffix] = foldedName(name).split(mark);
    const users = this.#byName.get(base);
    if (users === undefined) return undefined;
    const owner = ownerOf(users);
    if (suffix === undefined) return owner;
    return users.values().find((user) => user !== owner && suffixOf(user) === suffix);
  }

  /** The name that others see. */
  nameOf(user: HeldUser): string {
    const { username } = user.value;
    const users = this.#byName.get(foldedName(username));
    return users === undefined || ownerOf(users).id === user.id ? username : `${username}${mark}${suffixOf(user)}`;
  }

  #noteName(user: HeldUser): void {
    const name = foldedName(user.value.username);
    const users = this.#byName.get(name) ?? new Map<string, HeldUser>();
    this.#byName.set(name, users.set(user.id, user));
    if (users.size === 1) return;
    const owner = ownerOf(users);
    for (const each of users.values()) if (each !== owner) this.#tell(each, owner);
  }

  #forgetName({ id, value }: HeldUser): void {
    const name = foldedName(value.username);
    const users = this.#byName.get(name);
    users?.delete(id);
    if (users?.size === 0) this.#byName.delete(name);
  }

  #tell(user: HeldUser, owner: HeldUser): void {
    this.#parts.log.warn('two users of one name were made at once; the later one has a suffix now', {
      user: user.id,
      username: this.nameOf(user),
      owner: owner.id,
    });
  }
}

function suffixOf({ id }: HeldUser): string {
  return id.slice(-suffixLength).toLowerCase();
}

/** Who took the name first. */
function ownerOf(users: ReadonlyMap<string, HeldUser>): HeldUser {
  const [first, ...others] = users.values();
  if (first === undefined) throw new TypeError('a name belongs to somebody');
  return others.reduce((owner, user) => (isEarlier(user, owner) ? user : owner), first);
}

function isEarlier(one: HeldUser, other: HeldUser): boolean {
  if (one.value.namedAtMs !== other.value.namedAtMs) return one.value.namedAtMs < other.value.namedAtMs;
  return one.id < other.id;
}

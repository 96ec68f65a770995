/** What other rooms may know of who is calling. */

/** Everything a caller can be allowed. A route asks for exactly one of these. */
export const permissions = [
  'proxy:use',
  'users:read',
  'users:write',
  'keys:read',
  'keys:write',
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
  'cluster:write',
] as const;

export type Permission = (typeof permissions)[number];

/** A caller whose credential was accepted. Made once per credential and shared by all its requests; never mutated. */
export interface Principal {
  /** Name for logs: the key's or the user's id, or `api_key`; never the credential or a part of it. */
  readonly id: string;
  readonly permissions: ReadonlySet<Permission>;
  /** Holds `accounts:read`: answers may name the node and the account that served. Precomputed for the hot path. */
  readonly canSeeAccounts: boolean;
  /** Id of the user whose key or token it is; undefined for the node's own key and for keys of nobody. */
  readonly user?: string | undefined;
  /** Id of the API key; `api_key` for the node's own; undefined for a token of a user who logged in. */
  readonly key?: string | undefined;
  /** Those of one tenant may share cached answers: the user's id, the key's where it is nobody's, or `shared`. */
  readonly tenant: string;
  /** Wall ms; from then on the credential is no longer good. */
  readonly expiresAtMs?: number | undefined;
  /** What a key is restricted to; undefined for those that are not, so that the hot path asks one question only. */
  readonly policy?: KeyPolicy | undefined;
  /** Kept by who verifies credentials; the one thing of a principal that changes. Undefined where nobody asks. */
  readonly lastUse?: LastUse | undefined;
}

/** When a credential was last good for a request at this node: wall ms, 0 for never. */
export interface LastUse {
  atMs: number;
}

/** What a key may do with the proxy, beyond being let in. Made once per revision of the key. */
export interface KeyPolicy {
  /** Whether the key may ask for this model, by the name that the client wrote. Names may end in `*`. */
  allowsModel(model: string): boolean;
  /** Undefined: any. */
  readonly providers: ReadonlySet<string> | undefined;
  /** Whether a client at this address may use the key. */
  allowsAddress(address: string): boolean;
  /** Accounts, providers and strategy as the router wants them (`RouteScope`); undefined for none of its own. */
  readonly scope: KeyScope | undefined;
  /** Undefined: none of them is limited. */
  readonly limits: KeyLimits | undefined;
  /** Prompts and answers of this key are kept so long, milliseconds; undefined: not at all. */
  readonly promptKeepMs: number | undefined;
}

export interface KeyScope {
  /** Hash of what is in it: the same text always stands for the same members. */
  readonly key: string;
  readonly accounts: ReadonlySet<string> | undefined;
  readonly providers: ReadonlySet<string> | undefined;
  readonly strategy: string | undefined;
}

/** Limits of one key over the whole cluster; each undefined for none. */
export interface KeyLimits {
  /** The key's id: names its buckets. */
  readonly id: string;
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly concurrentRequests: number | undefined;
  /** Tokens of all kinds in a calendar day and month, UTC. */
  readonly dailyTokenBudget: number | undefined;
  readonly monthlyTokenBudget: number | undefined;
  /** Nano-units of the price table's currency. */
  readonly dailyCostBudget: number | undefined;
  readonly monthlyCostBudget: number | undefined;
}

/** Something that knows credentials: the node's own key, users' keys, access tokens. */
export interface CredentialSource {
  /** Rises whenever a credential begins or ceases to be good: what was accepted before is asked for again. */
  readonly revision: number;
  /**
   * The caller behind this credential. `digest` is its SHA-256 as 32 bytes, valid only during the call. Must take the
   * same time for a wrong credential that begins like a right one as for any other.
   */
  find(credential: string, digest: Buffer): Principal | undefined;
  /**
   * For credentials that cannot be judged in one turn (signed tokens): a promise after which `find` knows this one if it
   * is good; undefined where waiting changes nothing.
   */
  learn?(credential: string): Promise<void> | undefined;
}

/** What the data plane and the management routes ask of this room. */
export interface CredentialVerifier {
  /**
   * The caller behind this credential, or undefined, also for one that has expired. Synchronous and without allocation
   * that outlives the call.
   */
  verify(credential: string): Principal | undefined;
  /** A promise after which `verify` may answer otherwise; undefined where it will not. Never rejects. */
  learn(credential: string): Promise<void> | undefined;
}

/** Where a caller may put its key, in the order in which the places are tried. */
export interface CredentialPlaces {
  /** Lower-case header names. `authorization` is read as `Bearer KEY`, all others as the bare key. */
  readonly headers: readonly string[];
  /** Names of query parameters. */
  readonly query: readonly string[];
}

/** A user as others may see it. Times are wall ms. */
export interface User {
  readonly id: string;
  readonly username: string;
  /** A built-in role or one of one's own. */
  readonly role: string;
  readonly isEnabled: boolean;
  readonly createdAtMs: number;
  readonly lockedUntilMs: number | undefined;
}

/** Restrictions and limits of a key, all optional; costs are in whole units of the currency, as people write them. */
export interface KeyFields {
  readonly name: string;
  readonly user?: string | undefined;
  readonly role?: string | undefined;
  readonly isEnabled?: boolean | undefined;
  readonly expiresAtMs?: number | undefined;
  readonly models?: readonly string[] | undefined;
  readonly providers?: readonly string[] | undefined;
  readonly networks?: readonly string[] | undefined;
  readonly accounts?: readonly string[] | undefined;
  readonly strategy?: string | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  readonly concurrentRequests?: number | undefined;
  readonly dailyTokenBudget?: number | undefined;
  readonly monthlyTokenBudget?: number | undefined;
  readonly dailyCostBudget?: number | undefined;
  readonly monthlyCostBudget?: number | undefined;
  readonly sharesCache?: boolean | undefined;
  /** Whole days; prompts and answers are kept so long. Absent: never kept. */
  readonly promptDays?: number | undefined;
}

/** An API key as others may see it: never the key. */
export interface ApiKey extends KeyFields {
  readonly id: string;
  /** The first characters, by which people recognise it. */
  readonly prefix: string;
  readonly createdAtMs: number;
  /** As this node has seen it; undefined for never. */
  readonly lastUsedAtMs: number | undefined;
}

export interface Role {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly isBuiltIn: boolean;
}

/** One page of a list, ordered by id; `next` is given back for the next page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

export interface PageQuery {
  readonly limit: number;
  readonly after: string | undefined;
}

/**
 * Users, for those who manage them. Changes resolve once all live members have them and this node's disk too, or after a
 * bounded time. `by` is who asks: nobody gives a right that he has not himself, nor changes who has more than he
 * (`permission_denied`). All throw Faults: `user_not_found`, `username_taken`, `bad_username`, `weak_password`,
 * `role_not_found`, `last_admin`, `changed_meanwhile`.
 */
export interface UserDesk {
  list(query: PageQuery): Page<User>;
  get(id: string): User;
  create(fields: { username: string; password: string; role: string }, by: Principal): Promise<User>;
  change(
    id: string,
    fields: { username?: string; password?: string; role?: string; isEnabled?: boolean },
    by: Principal,
  ): Promise<User>;
  /** Its keys and sessions end with it. */
  remove(id: string, by: Principal): Promise<void>;
}

/**
 * Keys, likewise: `key_not_found`, `user_not_found`, `role_not_found`, `unknown_account`, `unknown_provider`,
 * `unknown_strategy`, `bad_key_field` (whatever else is wrong with a field, which it names).
 */
export interface KeyDesk {
  list(query: PageQuery & { user?: string | undefined }): Page<ApiKey>;
  get(id: string): ApiKey;
  /** `secret` is the key itself, given this once. */
  create(fields: KeyFields, by: Principal): Promise<{ key: ApiKey; secret: string }>;
  /** The fields given; null takes one away. */
  change(id: string, fields: KeyChanges, by: Principal): Promise<ApiKey>;
  /** Refused by every live member when this resolves. */
  revoke(id: string, by: Principal): Promise<void>;
}

export type KeyChanges = { readonly [Field in keyof KeyFields]?: KeyFields[Field] | null };

/** Roles: `role_not_found`, `role_built_in`, `role_in_use`, `bad_role`. */
export interface RoleDesk {
  list(): readonly Role[];
  get(name: string): Role;
  /** Makes or changes one. */
  put(name: string, permissions: readonly Permission[], by: Principal): Promise<Role>;
  remove(name: string, by: Principal): Promise<void>;
}

export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInMs: number;
}

/**
 * Logging in. `clientAddress` slows down who guesses. Throws `login_refused` (401, the same for an unknown name and a
 * wrong password), `login_locked` (429 with retryAfterMs), `refresh_refused` (401).
 */
export interface SessionDesk {
  login(username: string, password: string, clientAddress: string): Promise<SessionTokens>;
  /** A refresh token is good once: using it again ends the session that it belongs to. */
  refresh(refreshToken: string): Promise<SessionTokens>;
  /** Ends the session of this refresh token; nothing happens where there is none. */
  logout(refreshToken: string): Promise<void>;
}

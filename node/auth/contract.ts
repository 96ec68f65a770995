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

/** A caller whose credential was accepted. Made once per key and shared by all its requests; never mutated. */
export interface Principal {
  /** Name for logs, traces and statistics; never the credential or a part of it. */
  readonly id: string;
  readonly permissions: ReadonlySet<Permission>;
  /** Holds `accounts:read`: answers may name the node and the account that served. Precomputed for the hot path. */
  readonly canSeeAccounts: boolean;
}

/** Something that knows credentials: the node's own key; users' keys and access tokens are further sources. */
export interface CredentialSource {
  /** Rises whenever a credential begins or ceases to be good: what was accepted before is asked for again. */
  readonly revision: number;
  /**
   * The caller behind this credential. `digest` is its SHA-256 as 32 bytes, valid only during the call. Must take the
   * same time for a wrong credential that begins like a right one as for any other.
   */
  find(credential: string, digest: Buffer): Principal | undefined;
}

/** What the data plane and the management routes ask of this room. */
export interface CredentialVerifier {
  /** The caller behind this credential, or undefined. Synchronous and without allocation that outlives the call. */
  verify(credential: string): Principal | undefined;
}

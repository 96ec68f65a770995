/** What the http room needs of the rooms below it. `node/main.ts` joins the pieces. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { PeerCard } from '../../cluster/links/contract.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import type { Account } from '../accounts/contract.ts';
import type { Accounts } from '../accounts/directory.ts';
import type { CredentialVerifier, KeyDesk, RoleDesk, SessionDesk, UserDesk } from '../auth/contract.ts';
import type { CacheControls } from '../cache/contract.ts';
import type { QueueReading, TrafficMeter } from '../metrics/contract.ts';
import type { ClientProtocol, ProtocolId } from '../protocols/contract.ts';
import type { Provider, ProviderId } from '../providers/contract.ts';
import type { Router } from '../routing/contract.ts';
import type { PriceDesk, UsageDesk } from '../usage/contract.ts';
import type { ClusterStatus } from './routes/cluster-shapes.ts';

/** The forwarding of model requests. Gets every request first. */
export interface DataPlane {
  /**
   * Takes the request and answers it, or answers false at once, without having touched it, when its method and path
   * are not the data plane's. Called for every request, so it looks at the path only.
   */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

/** How clients see errors, by dialect. */
export type FaultDialects = Readonly<Record<ProtocolId, Pick<ClientProtocol, 'encodeFault'>>>;

/** Changes to accounts while the node runs. Every method throws a Fault that names the field or the account. */
export interface AccountEditor {
  /** `fields` as in the configuration file (snake_case). Throws 400 for bad fields, 409 for an id that is taken. */
  add(fields: Readonly<Record<string, unknown>>): Account | Promise<Account>;
  /** Changes the fields given and leaves the others; secrets not given stay. */
  change(id: string, fields: Readonly<Record<string, unknown>>): Account | Promise<Account>;
  remove(id: string): void | Promise<void>;
  /** Closes the account's breaker for all models and ends its rests. */
  reset(id: string): void | Promise<void>;
  /** Refreshes the account's OAuth token; undefined for accounts that have none. */
  tokenRefresh(id: string): (() => Promise<void>) | undefined;
  /** The account's OAuth token, without the token; null for accounts that have none. */
  tokenView(id: string): AccountTokenView | null;
  /** The account's settings without any secret. */
  settingsOf(id: string): Record<string, unknown>;
}

/** How an account's OAuth token is doing. */
export interface AccountTokenView {
  /** `waiting`: there is none yet, or the upstream refused it and another one is on its way. */
  state: 'usable' | 'waiting' | 'needs_login';
  /** ISO 8601; null while there is no token. */
  expires_at: string | null;
  /** The node that refreshed it. */
  refreshed_by: string | null;
  /** Why a new login is needed: the login service's own word, such as `invalid_grant`. */
  reason: string | null;
}

/** One model that clients can ask for. */
export interface ModelListing {
  id: string;
  displayName?: string | undefined;
  /** Unix seconds, where known. */
  created?: number | undefined;
  ownedBy: string;
  /** Whose accounts list it. */
  providers?: readonly string[] | undefined;
}

export interface ModelRefreshReport {
  /** Accounts whose list was read anew. */
  refreshed: readonly string[];
  /** Accounts whose list could not be read, with the reason in words. */
  failed: readonly { account: string; reason: string }[];
}

/** The merged list of all accounts' models. */
export interface ModelDirectory {
  list(): readonly ModelListing[];
  /** Asks the upstreams of all accounts again. */
  refresh(): Promise<ModelRefreshReport>;
}

/** What became of asking one account for its models. */
export interface AccountCheck {
  account: string;
  region: string | undefined;
  models: number;
  latencyMs: number;
  /** Why it failed, in words; absent when it did not. */
  error?: string;
}

/** For `GET /stats/circuit-breaker`. */
export interface BreakerSettings {
  errorThreshold: number;
  failureRate: number;
  minRequests: number;
  recoveryMs: number;
}

/** What of a node can be copied: its records (users, keys, changes, sealed tokens), its traces and sums. */
export const backupParts = ['records', 'usage'] as const;
export type BackupPart = (typeof backupParts)[number];

/** Copies of a node's databases, each as it was at one moment. */
export interface BackupDesk {
  /**
   * Throws `backup_under_way` while another copy is made or read, `backup_elsewhere` for what a database server has, and
   * what the store says. The copy is gone from the disk when the stream ends or is destroyed.
   */
  open(part: BackupPart): Promise<{ content: Readable; sizeBytes: number }>;
}

/** What every route may use, whatever it is about. */
export interface NodeFacts {
  readonly id: string;
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** The mesh as the routes see it; the same for a node alone. */
export interface ClusterDependencies {
  readonly self: string;
  status(): ClusterStatus;
  /** Undefined for a node alone. */
  card(): PeerCard | undefined;
  /** Begins to leave for good; the answer does not wait for it. */
  leave(): void;
  /** Answers why it was refused, or undefined when it is done. */
  removeVoter(nodeId: string, isForced: boolean): Promise<string | undefined>;
}

export interface ManagementDependencies {
  readonly node: NodeFacts;
  readonly cluster: ClusterDependencies;
  readonly accounts: Accounts;
  readonly editor: AccountEditor;
  /** For the schemas of `POST /accounts` in /openapi.json. */
  readonly providers: readonly Provider[];
  readonly router: Router;
  /** Names and aliases that `PUT /loadbalancer/algorithm` takes. */
  readonly algorithms: readonly string[];
  readonly breaker: BreakerSettings;
  readonly models: ModelDirectory;
  /** Asks every account of the provider; for `GET /test-oci`. */
  readonly checkAccounts: (provider: ProviderId) => Promise<readonly AccountCheck[]>;
  readonly queue: () => QueueReading;
  readonly cache: CacheControls;
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
  readonly users: UserDesk;
  readonly keys: KeyDesk;
  readonly roles: RoleDesk;
  readonly sessions: SessionDesk;
  readonly usage: UsageDesk;
  readonly prices: PriceDesk;
  readonly backup: BackupDesk;
  /** `/metrics` without a key. */
  readonly areMetricsOpen: boolean;
  /** Keeps the account as it is now, over restarts and at all members; awaited before the call is answered. */
  readonly persistAccount: (id: string) => Promise<void>;
  /** Keeps the algorithm, over restarts and at all members. */
  readonly persistRouting: () => Promise<void>;
}

/** What the listener itself needs. */
export interface ListenerDependencies {
  readonly node: NodeFacts;
  readonly verifier: CredentialVerifier;
  /** The client's address as trusted proxies tell it. */
  readonly clientAddress: {
    of(remoteAddress: string | undefined, forwardedFor: string | string[] | undefined): string;
  };
  readonly dialects: FaultDialects;
  /** Query parameters beyond the usual ones in which clients put their keys: never logged. */
  readonly keyParameters?: readonly string[];
  readonly traffic: TrafficMeter;
  readonly log: Log;
}

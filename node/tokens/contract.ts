/** What the tokens of the accounts need of the rooms around them. */
import type { Fence } from '../../cluster/intents/contract.ts';
import type { NodeId } from '../../cluster/membership/contract.ts';
import type { Fault } from '../../kit/fault.ts';
import type { Secret } from '../../kit/secret.ts';
import type { WireHeaders } from '../wire/contract.ts';

/** One call of the node's own to any URL, over a connection of its own: a kept one may be stale, and nobody could tell what became of the request. */
export interface HttpExchange {
  readonly url: string;
  /** Flat list: name, value … */
  readonly headers: readonly string[];
  readonly body: string;
  /** A longer answer counts as broken off. */
  readonly answerBytesMax: number;
  /** Asked in the same tick in which the first byte would be written; false: nothing is sent. */
  mayWrite(): boolean;
}

/** What became of it; the difference that matters is whether the other side may have acted. */
export type HttpOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: WireHeaders; readonly body: Buffer }
  /** Not a byte of it was written. */
  | { readonly kind: 'not_sent'; readonly fault: Fault }
  /** It was written, and no complete answer came. */
  | { readonly kind: 'unknown'; readonly fault: Fault };

/** POSTs. Follows no redirect, and waits for the answer as long as the connection lives. Never rejects. */
export type HttpSend = (exchange: HttpExchange) => Promise<HttpOutcome>;

/** What a login service gave. */
export interface IssuedToken {
  readonly access: Secret;
  /** Undefined: the one that was sent stays good. */
  readonly refresh: Secret | undefined;
  readonly lifetimeMs: number;
  readonly extras: Readonly<Record<string, string>>;
}

/** How a refresh ended. */
export type RefreshOutcome =
  | { readonly kind: 'renewed'; readonly token: IssuedToken }
  /** A definite no: repeating it is of no use. `error` is the service's own word. */
  | { readonly kind: 'refused'; readonly error: string; readonly fault: Fault }
  /** Not now. `maybeSpent`: the service answered so that it may have taken the token all the same. */
  | { readonly kind: 'later'; readonly maybeSpent: boolean; readonly fault: Fault }
  /** It was sent and no answer came: it may still be acted upon. */
  | { readonly kind: 'unknown'; readonly fault: Fault };

/** The tokens of an account with their origin. Times are wall times of the node that refreshed. */
export interface HeldToken {
  /** Undefined: there is a refresh token only, as a person gave it. */
  readonly access: Secret | undefined;
  readonly refresh: Secret;
  readonly expiresAtMs: number;
  readonly lifetimeMs: number;
  readonly extras: Readonly<Record<string, string>>;
  /** Hashes of the configured refresh tokens that led to this one, the latest first; empty when that is not known. */
  readonly roots: readonly string[];
  /** When it was issued; 0 for one that a person gave. */
  readonly issuedAtMs: number;
  /** Orders the tokens of one cluster; undefined for one that no leader fetched. */
  readonly fence: Fence | undefined;
  /** The cluster whose terms the fence counts. */
  readonly clusterId: string;
  readonly refreshedBy: NodeId | undefined;
}

/** Why the account cannot go on without a person. */
export interface NeedsLogin {
  /** The service's own word: `invalid_grant`. */
  readonly error: string;
  /** True when an answer was lost before: the token was spent by one who could not tell of the next one. */
  readonly isLost: boolean;
  readonly sinceMs: number;
  /** Hash of the login that was refused: another client secret or refresh token is another login. */
  readonly login: string;
  /** The token that was refused; a node that has a newer one is not concerned. */
  readonly refused: Pick<HeldToken, 'fence' | 'clusterId' | 'issuedAtMs'>;
}

/** Hears of what others show: routing, the account's page. */
export interface TokenObserver {
  /** The account got a token, lost the use of it, needs a login, or needs none any more. */
  tokenChanged(accountId: string): void;
}

/** What others may know of an account's token; never the token. */
export interface TokenReading {
  readonly accountId: string;
  readonly provider: string;
  /** Wall ms; undefined while there is no token. */
  readonly expiresAtMs: number | undefined;
  readonly refreshedBy: NodeId | undefined;
  readonly term: number | undefined;
  readonly isUsable: boolean;
  readonly needsLogin: NeedsLogin | undefined;
  /** Refreshes by this node since its start, by how they ended. */
  readonly renewedCount: number;
  readonly failedCount: number;
  /** Times this node found that an answer had been lost. */
  readonly lostCount: number;
}

/** One file a token, as the coordinator sees it. */
export interface TokenFiles {
  /** The kept token of an account; undefined for none, or one that cannot be read (logged). */
  read(place: TokenPlace): Promise<HeldToken | undefined>;
  /** Durable once resolved. Rejects with the file system's error. */
  write(place: TokenPlace, token: HeldToken): Promise<void>;
}

export interface TokenPlace {
  readonly accountId: string;
  readonly homeFolder: string | undefined;
}

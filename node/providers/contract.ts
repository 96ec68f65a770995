/**
 * A kind of upstream. One folder under `providers/` and one line in `registry.ts`; nothing outside a folder asks for a
 * provider by name.
 */
import type { z } from 'zod';
import type { Fault } from '../../kit/fault.ts';
import type { Secret } from '../../kit/secret.ts';
import type { Answer, Conversation } from '../conversation/contract.ts';
import type { ProtocolId, StreamDecoder } from '../protocols/contract.ts';
import type { WireHeaders } from '../wire/contract.ts';

export type ProviderId = 'openai-custom' | 'claude-custom' | 'gemini-cli' | 'kiro-api' | 'qwen-api' | 'amazonq' | 'oci';

/** What a client asks for; decides the upstream path. */
export type Operation = 'generate' | 'count_tokens' | 'embeddings';

/** One HTTP request to an upstream, ready but for its account's credential where that must be made per request. */
export interface UpstreamRequest {
  method: string;
  /** Path with query, relative to the upstream's origin. */
  path: string;
  /** Flat list: name, value, name, value … Includes credentials when they do not change between requests. */
  headers: readonly string[];
  body: Buffer | string | undefined;
}

export interface EncodedCall {
  request: UpstreamRequest;
  /** For `x-aiproxy-dropped`. */
  dropped: string[];
}

/** A request of the transparent route: what is left of it once everything of the client's origin is gone. */
export interface TransparentRequest {
  method: string;
  /** Path below `/{provider}`, with the query as the client sent it (client keys removed). */
  path: string;
  headers: string[];
  body: Buffer | undefined;
}

/** A model that an upstream lists. */
export interface ListedModel {
  id: string;
  displayName?: string;
  /** Unix seconds, where the upstream says. */
  created?: number;
  ownedBy?: string;
}

/** One account's upstream: made once when the account is loaded, prepared so that a request costs little. */
export interface Upstream {
  /** `http://host:port`, for the connection pool. */
  readonly origin: string;
  /** The provider's own model map: the name that goes upstream for a (resolved) name; the same name when it has none. */
  upstreamModel(model: string): string;
  /** True when bytes of this protocol can go through unread for this operation. */
  speaks(protocol: ProtocolId, operation: Operation): boolean;
  /** Same protocol: the client's bytes with the upstream's path and headers. `beta` carries protocol headers to keep (anthropic-beta). */
  passThrough(protocol: ProtocolId, operation: Operation, call: PassThroughCall): UpstreamRequest;
  /** Other protocol: from the middle form. Throws a Fault (400) for what this provider cannot carry. */
  encode(conversation: Conversation): EncodedCall;
  decodeAnswer(body: Buffer): Answer;
  openDecoder(): StreamDecoder;
  /**
   * Reads an error answer. Decides retry, penalty, scope and retryAfterMs; `retry-after` and the reset headers are
   * read here, uncapped (the account caps them).
   */
  readFault(status: number, headers: WireHeaders, body: Buffer): Fault;
  /** The transparent route. */
  transparent(request: TransparentRequest): UpstreamRequest;
  /** How to list models; absent where the upstream has no such call. */
  readonly models?: { request(): UpstreamRequest; parse(body: Buffer): ListedModel[] };
  /** The cheapest call that proves the account works. */
  probe(model: string | undefined): UpstreamRequest;
  /** Signs or authorises where that depends on the request (OCI) or on a token that changes (OAuth). */
  authorise?(request: UpstreamRequest): UpstreamRequest | Promise<UpstreamRequest>;
  /** The account's OAuth token, where it has one: what `open` was given. An account whose token is unusable is not chosen. */
  readonly token?: TokenSource;
}

/** The access token of an account as it is at this moment; changes while the account stays open. */
export interface TokenSource {
  /** The newest one, read for each request; undefined while there is none. */
  current(): string | undefined;
  /** What the login service said beside the token, by its snake-case name (see `TokenLogin.keeps`). */
  extra(name: string): string | undefined;
  /**
   * False while there is no token, while the upstream has refused the one there is, and while a new login is needed. A
   * token past its time is usable until the upstream refuses it, since clocks differ.
   */
  readonly isUsable: boolean;
  /**
   * The upstream refused this access token. Has it refreshed, once for the whole cluster; resolves, within a bound, with
   * whether there is another one now. Never rejects. Undefined when the token has only just come: then another one
   * would be refused as well, and the fault lies elsewhere.
   */
  refused(accessToken: string): Promise<boolean> | undefined;
}

/** How an account's OAuth token is refreshed: a description, in which nothing is sent. */
export interface TokenLogin {
  /** As a person gave it; the tokens that descend from it are kept. */
  readonly refreshToken: Secret;
  readonly url: string;
  readonly encoding: 'form' | 'json';
  /** Spelling of the request's fields: `refreshToken` or `refresh_token`. Answers are read in both. */
  readonly naming: 'camel' | 'snake';
  /** Fields of the request beside the refresh token, in snake case: `grant_type`, `client_id`, … */
  readonly fields: Readonly<Record<string, string | Secret>>;
  /** Flat list: name, value … beside content-type and accept. */
  readonly headers?: readonly string[];
  /** Where the answer says no lifetime. */
  readonly lifetimeMs: number;
  /** Fields of the answer to keep beside the token, in snake case: `resource_url`, `profile_arn`. */
  readonly keeps?: readonly string[];
  /** Values of `error` that end the login, beside those of RFC 6749. */
  readonly finalErrors?: readonly string[];
  /** Statuses that end the login whatever the body says. */
  readonly finalStatuses?: readonly number[];
  /** Folder below the home folder in which other tools look for the token; absent: `tokens` of the data folder. */
  readonly homeFolder?: string;
}

export interface PassThroughCall {
  body: Buffer;
  /** Upstream model name (also in the body's bytes already). */
  model: string;
  stream: boolean;
  /** Client headers that belong to the protocol and not to the client: `anthropic-version`, `anthropic-beta`. */
  protocolHeaders: string[];
}

/** Fields that every account has, whatever its provider. Snake case as in the configuration file. */
export interface AccountBase {
  id: string;
  provider: ProviderId;
  base_url?: string;
  models?: string[];
}

/** What `open` may use of the node. */
export interface ProviderEnvironment {
  /** Output bound for formats that demand one. */
  defaultMaxTokens: number;
  /** For accounts with a `login`. */
  token?: TokenSource;
}

export interface Provider<Credential = unknown> {
  readonly id: ProviderId;
  /** The account's own fields (snake_case, strict, with `.describe()` on each), beside those of every account. */
  readonly credential: z.ZodType<Credential>;
  /** Why accounts of this provider cannot serve in this version; absent when they can. */
  readonly unavailable?: string;
  /** How the account's OAuth token is refreshed; undefined for an account with a plain key. */
  login?(account: AccountBase & Credential): TokenLogin | undefined;
  /** Makes the account's upstream. Throws a Fault of source `config` that names the field. */
  open(account: AccountBase & Credential, environment: ProviderEnvironment): Upstream;
}

/**
 * A kind of upstream. One folder under `providers/` and one line in `registry.ts`; nothing outside a folder asks for a
 * provider by name.
 */
import type { z } from 'zod';
import type { Clock } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
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
  /** `https://host:port` of another host of the same account (control plane, another region); absent: the upstream's own. */
  origin?: string;
  /** Fields of the client's request that had to go from bytes that else pass through, or for a revision; for `x-aiproxy-dropped`. */
  dropped?: readonly string[];
}

/** How the answer to one call is read, where that depends on the call: tool names that were shortened, stop sequences that are applied here. */
export interface AnswerReader {
  /** The upstream has streams alone: `openDecoder` reads whole answers as well. */
  readonly wholeIsStream?: boolean;
  /** Longest whole answer, bytes, where the format's frames make it many times its content; absent: as of any upstream. */
  readonly wholeBytesMax?: number;
  decodeAnswer(body: Buffer): Answer;
  openDecoder(): StreamDecoder;
}

export interface EncodedCall {
  request: UpstreamRequest;
  /** For `x-aiproxy-dropped`. */
  dropped: string[];
  /** Absent: the upstream's own `decodeAnswer` and `openDecoder` read the answer. */
  reader?: AnswerReader;
}

/** Turns an upstream's bytes into those of the protocol in which it was asked, where it wraps them in an envelope. */
export interface Unwrapper {
  /** Bytes that are ready; undefined when more are needed. Bytes may be cut anywhere. */
  push(bytes: Buffer): Buffer | undefined;
  /** What is left at the end of the body. */
  end(): Buffer | undefined;
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
  /** Other names under which people ask for it: `grok-4` for `xai.grok-4`. A person's own mapping goes before them. */
  aliases?: readonly string[];
}

/** How an upstream's models are listed, page by page. */
export interface ModelListingCall {
  /** `page`: what `nextPage` gave; absent for the first. */
  request(page?: string): UpstreamRequest;
  parse(body: Buffer): ListedModel[];
  /** Token of the page after this one; absent or undefined: it was the last. */
  nextPage?(body: Buffer, headers: WireHeaders): string | undefined;
}

/** How an upstream counts the tokens of a prompt in its own format. */
export interface TokenCountCall {
  request: UpstreamRequest;
  /** Throws `upstream_bad_answer`; undefined when the answer holds no count. */
  parse(body: Buffer): number | undefined;
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
   * read here, uncapped (the account caps them). `accessToken`: what the request was sent with, for accounts with a
   * `token`, which may be another by now; absent where that is not known.
   */
  readFault(status: number, headers: WireHeaders, body: Buffer, accessToken?: string): Fault;
  /** Whether its API has this path of the transparent route, where accounts of the provider speak several; absent: any. */
  hasPath?(path: string): boolean;
  /** The transparent route. */
  transparent(request: TransparentRequest): UpstreamRequest;
  /** How to list models; absent where the upstream has no such call. */
  readonly models?: ModelListingCall;
  /** Its models, where it has no call to list them and they are known. */
  readonly knownModels?: readonly ListedModel[];
  /** How it counts tokens for a client of another protocol; absent where it cannot: the count is estimated. */
  countTokens?(conversation: Conversation): TokenCountCall;
  /** For answers to `passThrough` that come in an envelope; asked once an answer. */
  openUnwrapper?(stream: boolean): Unwrapper;
  /** The cheapest call that proves the account works. */
  probe(model: string | undefined): UpstreamRequest;
  /** Signs or authorises where that depends on the request (OCI) or on a token that changes (OAuth). */
  authorise?(request: UpstreamRequest): UpstreamRequest | Promise<UpstreamRequest>;
  /**
   * Another way to ask the same account after this failure, before the client has seen anything: another host, without
   * a field that was refused, after something has been looked up. Asked at most once an attempt; undefined: there is
   * none. What it gives is authorised anew. `request` is as it was before `authorise`.
   */
  revise?(request: UpstreamRequest, fault: Fault): UpstreamRequest | Promise<UpstreamRequest | undefined> | undefined;
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

/** An access token that a login gave. */
export interface IssuedAccess {
  readonly accessToken: Secret;
  /** Wall ms. */
  readonly expiresAtMs: number;
  /** As `TokenLogin.keeps` names them. */
  readonly extras?: Readonly<Record<string, string>>;
}

/** How an account's OAuth token is refreshed: a description, in which nothing is sent. */
export interface TokenLogin {
  /** As a person gave it; the tokens that descend from it are kept. */
  readonly refreshToken: Secret;
  /** The access token that came with it, where a person's file holds one; it is used until it ends. */
  readonly issued?: IssuedAccess;
  /**
   * Looks the credential up again where it was found (its file), since another program may have logged in anew or
   * rotated the token. Asked once after the service refused the refresh token; undefined: nothing new is there.
   */
  reread?(): TokenLogin | undefined;
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

/** What became of a provider's own call. */
export interface ProviderAnswer {
  status: number;
  headers: WireHeaders;
  body: Buffer;
}

/** Facts found out about one account that outlive the process (a discovered project, a host that works). Never a secret. */
export interface AccountNotes {
  get(name: string): string | undefined;
  /** Undefined removes it. Kept on disk soon after; losing it costs a look-up. */
  set(name: string, value: string | undefined): void;
}

/**
 * Files that credentials are read from, when an account is loaded: small ones, read at once. They are watched: a change
 * loads the account again. Every method throws a Fault of source `config` that names the field, the file and what is wrong.
 */
export interface CredentialFiles {
  /** The person's home folder. */
  readonly home: string;
  /** Text of the file that `field` names, at most 1 MB. One that others may read is warned of. */
  read(field: string, path: string): string;
  /** The same; undefined when there is no such file. */
  readIfThere(field: string, path: string): string | undefined;
  /** Values of a table `key, value` in an SQLite file (kiro-cli's `auth_kv`), for the keys that are there. */
  readKeyValues(field: string, path: string, table: string, keys: readonly string[]): ReadonlyMap<string, string>;
}

/** What `open` may use of the node. */
export interface ProviderEnvironment {
  /** Output bound for formats that demand one. */
  defaultMaxTokens: number;
  /** For accounts with a `login`. */
  token?: TokenSource;
  files: CredentialFiles;
  notes: AccountNotes;
  clock: Clock;
  random: Random;
  log: Log;
  /**
   * A call of the provider's own, sent as it is (authorise it first). Answers of any status come back; throws a Fault
   * when the host cannot be reached, is too slow (`timeoutMs`, 10 s unless given) or answers without end.
   */
  ask(request: UpstreamRequest & { origin: string }, timeoutMs?: number): Promise<ProviderAnswer>;
}

export interface Provider<Credential = unknown> {
  readonly id: ProviderId;
  /** The account's own fields (snake_case, strict, with `.describe()` on each), beside those of every account. */
  readonly credential: z.ZodType<Credential>;
  /** Why accounts of this provider cannot serve in this version; absent when they can. */
  readonly unavailable?: string;
  /** How the account's OAuth token is refreshed; undefined for an account with a plain key. Throws a config Fault. */
  login?(account: AccountBase & Credential, files: CredentialFiles): TokenLogin | undefined;
  /** How a person logs in on the command line; absent where the provider knows plain keys only. */
  readonly interactiveLogin?: InteractiveLogin;
  /** Makes the account's upstream. Throws a Fault of source `config` that names the field. */
  open(account: AccountBase & Credential, environment: ProviderEnvironment): Upstream;
}

/** How a person logs in to a provider on the command line. A provider knows the steps; all contact with the world is handed in. */
export interface InteractiveLogin {
  /** Kinds of login: `builder-id`, `idc`, `google` …; the first is the default. */
  readonly kinds: readonly string[];
  /** Throws a Fault that says what to do next: denied, expired, refused. */
  run(choice: LoginChoice, desk: LoginDesk): Promise<LoginOutcome>;
}

/** What a person chose on the command line. */
export interface LoginChoice {
  readonly kind: string;
  /** AWS region of the login service. */
  readonly region?: string;
  /** IAM Identity Center's start URL. */
  readonly startUrl?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Origin in place of the login service's own: a stand-in in tests, a private deployment. */
  readonly authUrl?: string;
}

export interface LoginDesk {
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted when the person gives up. */
  readonly signal: AbortSignal;
  ask(request: UpstreamRequest & { origin: string }): Promise<ProviderAnswer>;
  /** Device flow: shows the person where to go and what to enter. */
  showCode(code: { url: string; completeUrl?: string; userCode: string; expiresInMs: number }): void;
  /**
   * Browser flow: listens on 127.0.0.1, shows the person the address made of the redirect URI, resolves with what the
   * browser brings. With a `redirectUri` of the service's own, which nobody can listen at, the person copies back the
   * address at which the browser ended.
   */
  awaitRedirect(flow: { path: string; redirectUri?: string; address(redirectUri: string): string }): Promise<{
    redirectUri: string;
    parameters: URLSearchParams;
  }>;
  wait(ms: number): Promise<void>;
}

/** What to keep of a login. */
export interface LoginOutcome {
  /** Written as JSON, 0600, in the form that the account's `creds_file` takes. */
  readonly credentials: Readonly<Record<string, string | number>>;
  /** Fields of the account that the login needs beside its file, as the configuration has them: the client that was given. */
  readonly account?: Readonly<Record<string, string>>;
  /** What the person reads, one line: who logged in, what is missing. Never a secret. */
  readonly summary: string;
}

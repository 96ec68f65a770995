/**
 * A login service for tests, the demo and the bench: refreshes OAuth tokens as AWS SSO OIDC does (camelCase JSON) or as
 * RFC 6749 has it (a form in snake_case), rotates refresh tokens, and REVOKES THE LOGIN WHEN A SPENT ONE COMES AGAIN.
 * `reuses` is the figure that a test of many nodes looks at: it must stay empty.
 *
 *   const issuer = await startIssuer({ lifetimeSeconds: 5 });
 *   const account = { id: 'q1', provider: 'amazonq', ...issuer.login('q1') };
 *   issuer.next('drop-after-spending');          // the answer to the next request is lost
 *   await issuer.until(({ renewed }) => renewed === 2);
 *   issuer.reuses;                               // []
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OauthFamilies, type Pair, type ReuseIncident } from './oauth-families.ts';
import {
  type Fields,
  type IssuerAnswer,
  type IssuerBehaviour,
  readFields,
  refusals,
  refuse,
  refuseGrant,
  sendOther,
  sendPair,
} from './oauth-wire.ts';

export { type IssuerAnswer, type IssuerBehaviour, socialProfileArn } from './oauth-wire.ts';

export interface IssuerOptions {
  port?: number;
  /** Of access tokens; 3600. */
  lifetimeSeconds?: number;
  /** How long each answer takes, milliseconds: the window in which a holder can die. */
  delayMs?: number;
  /** False: the refresh token of a login stays the same. */
  rotates?: boolean;
  /** Answers what else the service is asked: device codes, registrations. Undefined: not its business. */
  others?: (request: IncomingMessage, text: string) => IssuerAnswer | undefined;
}

/** A login at Kiro's own service, which has no client. */
export type SocialLogin = Pick<IssuedLogin, 'refresh_token' | 'token_url'>;

/** What an account needs to refresh; fields as in the configuration file. */
export interface IssuedLogin {
  readonly refresh_token: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly token_url: string;
}

export interface IssuerTotals {
  /** Requests that arrived. */
  requests: number;
  /** New tokens that were issued, delivered or not. */
  renewed: number;
  /** Most requests of one login at the same time. */
  concurrentMax: number;
}

export interface Issuer extends Readonly<IssuerTotals> {
  readonly url: string;
  readonly tokenUrl: string;
  /** Spent refresh tokens that came again. */
  readonly reuses: readonly ReuseIncident[];
  lifetimeSeconds: number;
  delayMs: number;
  /** A person logs in; `name` shows in the tokens. */
  login(name: string): IssuedLogin;
  /** The same at Kiro's own service (`POST /refreshToken`). */
  loginSocial(name: string): SocialLogin;
  /** The pair of tokens that a new login begins with. */
  grant(name: string, isSocial?: boolean): Pair;
  /** A client that registered itself. */
  addClient(id: string, secret: string): void;
  /** Whose token it is, good or not. */
  nameOf(accessToken: string): string | undefined;
  /** The next requests meet these, in order; of one login alone where `name` is given. */
  next(behaviour: IssuerBehaviour | readonly IssuerBehaviour[], name?: string): void;
  /** Requests that `hold` holds. */
  readonly held: number;
  release(): void;
  /** For an upstream that checks what it is given. */
  isGood(accessToken: string): boolean;
  expireAccess(): void;
  /** Ends a login: its next refresh is `invalid_grant`. */
  revoke(name: string): void;
  /** Every token ever issued and the client secret, for a search through logs and answers. */
  secrets(): string[];
  /** Resolves once it holds, looking after every request and answer; rejects after `timeoutMs` (10 s). */
  until(isTrue: (issuer: Issuer) => boolean, timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

const clientId = 'cid-aiproxy-test';
const clientSecret = 'csec-4b7d0f1e6a92';
const bodyBytesMax = 64 * 1024;

export async function startIssuer(options: IssuerOptions = {}): Promise<Issuer> {
  const service = new IssuerService(options);
  const server = createServer((request, response) => service.receive(request, response));
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(options.port ?? 0, '127.0.0.1', done);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  service.open(url, async () => {
    service.release();
    server.close();
    server.closeAllConnections();
    await new Promise<void>((done) => (server.listening ? server.once('close', () => done()) : done()));
  });
  return service;
}

interface Planned {
  readonly behaviour: IssuerBehaviour;
  readonly name: string | undefined;
}

class IssuerService implements Issuer {
  url = '';
  requests = 0;
  renewed = 0;
  concurrentMax = 0;
  lifetimeSeconds: number;
  delayMs: number;
  close: () => Promise<void> = () => Promise.resolve();
  readonly #rotates: boolean;
  readonly #others: IssuerOptions['others'];
  readonly #social = new Set<string>();
  readonly #clients = new Map([[clientId, clientSecret]]);
  readonly #families = new OauthFamilies();
  readonly #plan: Planned[] = [];
  readonly #held: (() => void)[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #underWay = new Map<string, number>();

  constructor(options: IssuerOptions) {
    this.lifetimeSeconds = options.lifetimeSeconds ?? 3600;
    this.delayMs = options.delayMs ?? 0;
    this.#rotates = options.rotates ?? true;
    this.#others = options.others;
  }

  open(url: string, close: () => Promise<void>): void {
    this.url = url;
    this.close = close;
  }

  get tokenUrl(): string {
    return `${this.url}/token`;
  }

  get reuses(): readonly ReuseIncident[] {
    return this.#families.reuses;
  }

  get held(): number {
    return this.#held.length;
  }

  login(name: string): IssuedLogin {
    const refresh_token = this.#families.open(name);
    return { refresh_token, client_id: clientId, client_secret: clientSecret, token_url: this.tokenUrl };
  }

  loginSocial(name: string): SocialLogin {
    this.#social.add(name);
    return { refresh_token: this.#families.open(name), token_url: `${this.url}/refreshToken` };
  }

  grant(name: string, isSocial = false): Pair {
    const login = isSocial ? this.loginSocial(name) : this.login(name);
    const pair = this.#families.spend(login.refresh_token, this.lifetimeSeconds * 1000, true);
    if (pair === undefined) throw new Error(`${name} has just logged in and gets no token`);
    return pair;
  }

  addClient(id: string, secret: string): void {
    this.#clients.set(id, secret);
  }

  nameOf(accessToken: string): string | undefined {
    return this.#families.nameOf(accessToken);
  }

  next(behaviour: IssuerBehaviour | readonly IssuerBehaviour[], name?: string): void {
    const list = typeof behaviour === 'string' ? [behaviour] : behaviour;
    this.#plan.push(...list.map((each) => ({ behaviour: each, name })));
  }

  release(): void {
    for (const answer of this.#held.splice(0)) answer();
  }

  isGood(accessToken: string): boolean {
    return this.#families.isGood(accessToken);
  }

  expireAccess(): void {
    this.#families.expireAccess();
  }

  revoke(name: string): void {
    this.#families.revoke(name);
  }

  secrets(): string[] {
    return [...this.#families.all(), ...this.#clients.values()];
  }

  until(isTrue: (issuer: Issuer) => boolean, timeoutMs = 10_000): Promise<void> {
    return new Promise((done, fail) => {
      const look = () => {
        if (!isTrue(this)) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        done();
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        fail(new Error(`the issuer waited in vain: ${this.requests} requests, ${this.renewed} renewed`));
      }, timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }

  receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyBytesMax) chunks.push(chunk);
    });
    request.on('end', () => this.#answer(request, response, Buffer.concat(chunks).toString()));
  }

  #answer(request: IncomingMessage, response: ServerResponse, text: string): void {
    const other = this.#others?.(request, text);
    if (other !== undefined) return sendOther(response, other);
    this.requests++;
    const fields = readFields(request, text);
    const name = fields === undefined ? '' : (this.#families.familyOf(fields.refreshToken) ?? '');
    this.#enter(name);
    response.once('close', () => {
      this.#underWay.set(name, (this.#underWay.get(name) ?? 1) - 1);
      this.#changed();
    });
    this.#changed();
    const behaviour = this.#planned(name);
    setTimeout(() => this.#act(fields, behaviour, response), this.delayMs);
  }

  #act(fields: Fields | undefined, behaviour: IssuerBehaviour | undefined, response: ServerResponse): void {
    if (fields === undefined) return refuse(response, 400, 'invalid_request');
    if (behaviour !== undefined && refusals[behaviour] !== undefined) return refusals[behaviour](response);
    if (fields.isSocial) return this.#refresh(fields, behaviour, response);
    if (fields.grantType !== 'refresh_token') return refuse(response, 400, 'unsupported_grant_type');
    if (this.#clients.get(fields.clientId) !== fields.clientSecret) return refuse(response, 401, 'invalid_client');
    this.#refresh(fields, behaviour, response);
  }

  #refresh(fields: Fields, behaviour: IssuerBehaviour | undefined, response: ServerResponse): void {
    const isElsewhere = this.#social.has(this.#families.familyOf(fields.refreshToken) ?? '') !== fields.isSocial;
    const rotates = this.#rotates && behaviour !== 'omit-refresh';
    const pair = isElsewhere
      ? undefined
      : this.#families.spend(fields.refreshToken, this.lifetimeSeconds * 1000, rotates);
    if (pair === undefined) return refuseGrant(response, fields);
    this.renewed++;
    this.#changed();
    const answer = () => sendPair(response, pair, fields, { behaviour, rotates, lifetime: this.lifetimeSeconds });
    if (behaviour !== 'hold') return answer();
    this.#held.push(answer);
    this.#changed();
  }

  #planned(name: string): IssuerBehaviour | undefined {
    const index = this.#plan.findIndex((each) => each.name === undefined || each.name === name);
    return index < 0 ? undefined : this.#plan.splice(index, 1)[0]?.behaviour;
  }

  #enter(name: string): void {
    const count = (this.#underWay.get(name) ?? 0) + 1;
    this.#underWay.set(name, count);
    if (name !== '') this.concurrentMax = Math.max(this.concurrentMax, count);
  }

  #changed(): void {
    for (const look of this.#watchers) look();
  }
}

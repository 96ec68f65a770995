import type { Clock } from '../../kit/clock.ts';
import { Secret } from '../../kit/secret.ts';
import type { TokenLogin, TokenSource } from '../providers/contract.ts';
import type { HeldToken, NeedsLogin, TokenPlace, TokenReading } from './contract.ts';
import { configuredToken, descendsFrom, hashOf, isNewer, rootsMax } from './held-token.ts';

/** A token that is refused sooner after it came is not the problem: refreshing it again would go round in circles. */
const youngMsMax = 30_000;

/** A login has a kept token, a configured one and perhaps one of another program; the rest is room. */
const refusedMax = 16;

/** What an account asks of the coordinator that holds it. */
export interface TokenAccountHost {
  /** A refusal by the upstream of the token that is current. */
  refused(account: TokenAccount, accessToken: string): Promise<boolean> | undefined;
  /** Token, usability or the need of a login changed. */
  changed(account: TokenAccount): void;
}

/** One account's token as this node has it, and where its refresh stands. */
export class TokenAccount implements TokenSource {
  readonly id: string;
  readonly provider: string;
  readonly #host: TokenAccountHost;
  readonly #clock: Pick<Clock, 'nowMs'>;
  #login: TokenLogin;
  #loginHash: string;
  #root: string;
  #token: HeldToken;
  #access: string | undefined;
  #generation: string;
  #refusedHash: string | undefined;
  #needsLogin: NeedsLogin | undefined;
  /** Monotonic ms at which the token came; -Infinity for one that was there at the start. */
  #tookMs = -Infinity;
  /** A refresh token that may have been spent although nobody has the answer. */
  doubtful: string | undefined;
  /** Refresh tokens that the service refused for good, by hash, the latest last; see `refusedMax`. */
  readonly #dead = new Set<string>();
  /** Drawn anew with every token. */
  spread = 0;
  /** Monotonic ms since which the voters say that the refresh token is spent, while no other has come. */
  spentSinceMs: number | undefined;
  isLoaded = false;
  isRefreshing = false;
  /** Somebody wants a refresh now, due or not. */
  isForced = false;
  /** Failures in a row, and the monotonic ms before which there is no further try. */
  failures = 0;
  notBeforeMs = 0;
  renewedCount = 0;
  failedCount = 0;
  lostCount = 0;

  constructor(id: string, provider: string, login: TokenLogin, host: TokenAccountHost, clock: Pick<Clock, 'nowMs'>) {
    this.id = id;
    this.provider = provider;
    this.#host = host;
    this.#clock = clock;
    this.#login = login;
    this.#loginHash = loginHashOf(login);
    this.#token = configuredToken(login, clock.nowMs());
    this.#access = this.#token.access?.reveal();
    this.#root = hashOf(login.refreshToken);
    this.#generation = this.#root;
  }

  current(): string | undefined {
    return this.#access;
  }

  extra(name: string): string | undefined {
    return Object.hasOwn(this.#token.extras, name) ? this.#token.extras[name] : undefined;
  }

  get isUsable(): boolean {
    return this.#access !== undefined && this.#refusedHash === undefined;
  }

  refused(accessToken: string): Promise<boolean> | undefined {
    return this.#host.refused(this, accessToken);
  }

  get login(): TokenLogin {
    return this.#login;
  }

  /** Hash of the refresh token that a person gave. */
  get root(): string {
    return this.#root;
  }

  get loginHash(): string {
    return this.#loginHash;
  }

  get token(): HeldToken {
    return this.#token;
  }

  /** Names the refresh token that a refresh would spend. */
  get generation(): string {
    return this.#generation;
  }

  get needsLogin(): NeedsLogin | undefined {
    return this.#needsLogin;
  }

  /** True while the upstream's refusal of the current token stands. */
  get isRefused(): boolean {
    return this.#refusedHash !== undefined;
  }

  /** True when the refresh token may be spent already: whether the login lives is to be found out, not waited for. */
  get isDoubtful(): boolean {
    return this.doubtful === this.#generation;
  }

  get place(): TokenPlace {
    return { accountId: this.id, homeFolder: this.#login.homeFolder };
  }

  /** Takes a login that a person changed. A refresh token that no kept token grew from puts the kept one aside. */
  relogin(login: TokenLogin): void {
    const loginHash = loginHashOf(login);
    this.#login = login;
    if (loginHash === this.#loginHash) return this.#takeIssued();
    this.#dead.clear();
    this.#begin(loginHash);
  }

  /**
   * Looks the login up where it was found, since another program may have logged in anew; once a refusal. Answers
   * whether there is a refresh token that was not refused yet. Throws the Fault that says why nothing can be read.
   */
  reread(): boolean {
    const login = this.#login.reread?.();
    if (login === undefined) return false;
    const root = hashOf(login.refreshToken);
    if (root === this.#root || this.isDead(root)) return false;
    this.#login = login;
    this.#begin(loginHashOf(login));
    return true;
  }

  /** A token from disk or from the others: taken when it grew from this login and is newer. True when taken. */
  offer(token: HeldToken, monotonicMs: number): boolean {
    if (!descendsFrom(token, this.#root)) {
      // What it grew from was given before what this node has: told to the others with the next token.
      if (this.#token.roots.length === 1) this.#token = { ...this.#token, roots: [this.#root, ...token.roots] };
      return false;
    }
    if (!isNewer(token, this.#token) && this.#token.access !== undefined && !this.#isAnotherCopy(token)) return false;
    this.take(token, monotonicMs);
    return true;
  }

  /** Takes the token of another program in the place of one that the service refused. */
  replace(token: HeldToken, monotonicMs: number): void {
    if (descendsFrom(token, this.#root)) this.take(token, monotonicMs);
  }

  /** Uses the token from now on. */
  take(token: HeldToken, monotonicMs: number): void {
    const roots = token.roots.length === 0 ? token.roots : token.roots.slice(0, rootsMax);
    this.#set({ ...token, roots }, monotonicMs);
    this.#needsLogin = undefined;
    this.failures = 0;
    this.notBeforeMs = 0;
    this.#host.changed(this);
  }

  /** The login service's final word, ours or another's. Answers whether it concerns the token that is here. */
  mark(needed: NeedsLogin): boolean {
    if (needed.login !== this.#loginHash || isNewer(this.#token, needed.refused)) return false;
    this.#needsLogin = needed;
    this.#host.changed(this);
    return true;
  }

  /** Notes the service's final word on the current refresh token. */
  bury(): void {
    this.#dead.add(this.#generation);
    const [oldest] = this.#dead;
    if (this.#dead.size > refusedMax && oldest !== undefined) this.#dead.delete(oldest);
  }

  isDead(generation: string): boolean {
    return this.#dead.has(generation);
  }

  /** Goes back to what a person gave, if that has not been refused; a kept token of other origin was. */
  fallBack(): boolean {
    if (this.#token.roots[0] === this.#root || this.isDead(this.#root)) return false;
    this.#set(this.#configured(), -Infinity);
    this.#host.changed(this);
    return true;
  }

  /** Notes a refusal by the upstream. False when the token is so new that a further one would be refused as well. */
  noteRefused(accessToken: string, monotonicMs: number): boolean {
    if (accessToken !== this.#access || this.isRefused) return true;
    const youngMs = Math.min(youngMsMax, this.#token.lifetimeMs / 2);
    if (monotonicMs - this.#tookMs < youngMs) return false;
    this.#refusedHash = hashOf(accessToken);
    this.#host.changed(this);
    return true;
  }

  reading(): TokenReading {
    const { access, expiresAtMs, refreshedBy, fence } = this.#token;
    return {
      accountId: this.id,
      provider: this.provider,
      expiresAtMs: access === undefined ? undefined : expiresAtMs,
      refreshedBy,
      term: fence?.term,
      isUsable: this.isUsable,
      needsLogin: this.#needsLogin,
      renewedCount: this.renewedCount,
      failedCount: this.failedCount,
      lostCount: this.lostCount,
    };
  }

  #begin(loginHash: string): void {
    this.#loginHash = loginHash;
    this.#root = hashOf(this.#login.refreshToken);
    if (!this.#token.roots.includes(this.#root)) this.#set(this.#configured(), -Infinity);
    this.#needsLogin = undefined;
    this.failures = 0;
    this.notBeforeMs = 0;
    this.#host.changed(this);
  }

  /** The same login with an access token of another program's: taken where no refresh of this cluster came before it. */
  #takeIssued(): void {
    if (this.#token.issuedAtMs !== 0 || this.#generation !== this.#root) return;
    const fresh = this.#configured();
    if (fresh.access === undefined || fresh.expiresAtMs <= this.#token.expiresAtMs) return;
    this.#set(fresh, -Infinity);
    this.#host.changed(this);
  }

  /** Another member's file holds the same refresh token, unspent, with an access token that was not refused here. */
  #isAnotherCopy({ access, refresh, issuedAtMs }: HeldToken): boolean {
    const isUnspent = issuedAtMs === 0 && this.#token.issuedAtMs === 0 && hashOf(refresh) === this.#generation;
    return isUnspent && this.isRefused && access !== undefined && access.reveal() !== this.#access;
  }

  #configured(): HeldToken {
    const fresh = configuredToken(this.#login, this.#clock.nowMs());
    const earlier = this.#token.roots.filter((root) => root !== this.#root);
    return { ...fresh, roots: [...fresh.roots, ...earlier].slice(0, rootsMax) };
  }

  #set(token: HeldToken, tookMs: number): void {
    const access = token.access?.reveal();
    if (access !== this.#access) this.#refusedHash = undefined;
    this.spentSinceMs = undefined;
    this.#token = token;
    this.#access = access;
    this.#generation = hashOf(token.refresh);
    this.#tookMs = tookMs;
  }
}

/** Everything that a service may refuse: who asks, and with what. */
function loginHashOf(login: TokenLogin): string {
  const fields = Object.entries(login.fields).map(([name, value]) => [
    name,
    value instanceof Secret ? value.reveal() : value,
  ]);
  return hashOf(JSON.stringify([login.url, login.refreshToken.reveal(), fields]));
}

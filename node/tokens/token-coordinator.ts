import type { Mesh } from '../../cluster/contract.ts';
import type { ReplicatedRecord } from '../../cluster/replicated/contract.ts';
import { backoffMs, type BackoffOptions } from '../../kit/backoff.ts';
import type { Clock } from '../../kit/clock.ts';
import { isFault, type Fault } from '../../kit/fault.ts';
import { inTime } from '../../kit/in-time.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import { SingleFlight } from '../../kit/single-flight.ts';
import type { TokenLogin, TokenSource } from '../providers/contract.ts';
import type { TokenObserver, TokenReading } from './contract.ts';
import { tokenFaults } from './faults.ts';
import { hashOf, isSameFence } from './held-token.ts';
import type { RefreshClient } from './refresh-client.ts';
import { RefreshDesk } from './refresh-desk.ts';
import { RefreshRounds } from './refresh-rounds.ts';
import { TokenAccount, type TokenAccountHost } from './token-account.ts';
import { TokenRefresher } from './token-refresher.ts';
import { TokenBoard } from './token-board.ts';
import { tokenPayload, tokensTable } from './token-record.ts';
import type { TokenShelf } from './token-shelf.ts';

/** A request whose last account was refused for its token waits so long for another token at most. */
const refusedWaitMs = 10_000;
/** A person who asks for a refresh waits so long for a leader … */
const leaderWaitMs = 5_000;
/** … and so long in all. */
const refreshWaitMs = 30_000;
/** A refresh under way when the node stops is waited for: its answer holds the only token there is. */
const stopPatienceMs = 30_000;
/** Between two questions to the leader about a refused token. */
const seekDelays: BackoffOptions = { baseMs: 500, capMs: 10_000 };

export interface TokenCoordinatorParts {
  mesh: Pick<Mesh, 'self' | 'leadership' | 'intents' | 'records' | 'sealer' | 'post'>;
  client: Pick<RefreshClient, 'refresh'>;
  shelf: TokenShelf;
  clock: Clock;
  random: Random;
  log: Log;
  observer: TokenObserver;
}

/** The OAuth tokens of a node's accounts: refreshed by the leader alone, known to all, kept on every disk. */
export class TokenCoordinator implements TokenAccountHost {
  readonly #parts: TokenCoordinatorParts;
  readonly #accounts = new Map<string, TokenAccount>();
  readonly #board: TokenBoard;
  readonly #rounds: RefreshRounds;
  readonly #desk: RefreshDesk;
  /** Accounts whose refused token is being replaced. */
  readonly #seeking = new SingleFlight<TokenAccount, void>();
  readonly #loading = new Set<Promise<void>>();
  /** Told once of the next change of an account. */
  readonly #waiting = new Map<TokenAccount, Set<() => void>>();
  #isStopped = false;

  constructor(parts: TokenCoordinatorParts) {
    const { mesh, clock, random, log } = parts;
    this.#parts = parts;
    this.#board = new TokenBoard({
      ...parts,
      onRetry: (id) => {
        const account = this.#accounts.get(id);
        if (account !== undefined) this.#publish(account);
      },
    });
    const refresher = new TokenRefresher({ ...parts, board: this.#board });
    const accounts = () => this.#accounts.values();
    this.#rounds = new RefreshRounds({ leadership: mesh.leadership, refresher, accounts, clock, random, log });
    this.#desk = new RefreshDesk({ mesh, rounds: this.#rounds, find: (id) => this.#accounts.get(id), clock });
  }

  /** Listens to the mesh; call once, before the mesh starts. */
  start(): void {
    const { mesh } = this.#parts;
    this.#desk.start();
    mesh.records.watch(tokensTable, (record, origin) => {
      if (origin !== 'own') this.#learn(record);
    });
    mesh.leadership.observe({ leaderChanged: () => this.#leaderChanged() });
    this.#rounds.look();
  }

  /** Takes in an account, or its changed login. Its token is read from disk in the background (see `loaded`). */
  register(accountId: string, provider: string, login: TokenLogin): TokenSource {
    const known = this.#accounts.get(accountId);
    if (known?.provider === provider) {
      known.relogin(login);
      return known;
    }
    const account = new TokenAccount(accountId, provider, login, this, this.#parts.clock);
    account.spread = this.#parts.random.next();
    this.#accounts.set(accountId, account);
    const loading = this.#load(account);
    this.#loading.add(loading);
    void loading.finally(() => this.#loading.delete(loading));
    return account;
  }

  /** The account is gone. Its file stays: it may hold the only token of a login. */
  forget(accountId: string): void {
    const account = this.#accounts.get(accountId);
    this.#accounts.delete(accountId);
    if (account !== undefined) this.#wake(account);
  }

  /** Resolves when the tokens of the accounts registered so far have been read. */
  async loaded(): Promise<void> {
    await Promise.all(this.#loading);
  }

  /** Resolves once the account has a new token. Throws the Fault that says why it has none. */
  async refresh(accountId: string): Promise<void> {
    const account = this.#accounts.get(accountId);
    if (account === undefined) return;
    const before = account.token;
    const { clock } = this.#parts;
    const startMs = clock.monotonicMs();
    for (let attempt = 0; ; attempt++) {
      const isOver = await this.#tryRefresh(account, startMs);
      if (isOver || account.token.access !== before.access) return;
      const spentMs = clock.monotonicMs() - startMs;
      if (spentMs >= refreshWaitMs || this.#isStopped) throw pending(accountId);
      if (spentMs >= leaderWaitMs && this.#parts.mesh.leadership.leader === undefined) throw noLeader();
      await this.#changed(account, backoffMs(attempt, seekDelays, this.#parts.random) + 50);
    }
  }

  refused(account: TokenAccount, accessToken: string): Promise<boolean> | undefined {
    if (account.current() !== accessToken) return Promise.resolve(account.isUsable);
    if (!account.noteRefused(accessToken, this.#parts.clock.monotonicMs())) return undefined;
    void this.#seeking.run(account, () => this.#seek(account));
    return this.#replaced(account);
  }

  async #replaced(account: TokenAccount): Promise<boolean> {
    const { clock } = this.#parts;
    const endMs = clock.monotonicMs() + refusedWaitMs;
    while (account.isRefused && account.needsLogin === undefined && !this.#isStopped) {
      const leftMs = endMs - clock.monotonicMs();
      if (leftMs <= 0 || !this.#accounts.has(account.id)) break;
      await this.#changed(account, leftMs);
    }
    return !account.isRefused;
  }

  changed(account: TokenAccount): void {
    this.#wake(account);
    if (this.#accounts.get(account.id) !== account) return;
    this.#parts.observer.tokenChanged(account.id);
    this.#rounds.look();
  }

  readings(): TokenReading[] {
    return [...this.#accounts.values()].map((account) => account.reading());
  }

  reading(accountId: string): TokenReading | undefined {
    return this.#accounts.get(accountId)?.reading();
  }

  /** Begins no further refresh, and waits for those under way, since their answers are the only tokens there are. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const account of this.#accounts.values()) this.#wake(account);
    await this.#rounds.stop(stopPatienceMs);
    this.#board.stop();
    await this.#parts.shelf.stop();
  }

  async #load(account: TokenAccount): Promise<void> {
    const kept = await this.#parts.shelf.read(account.place);
    // What was there at the start is not new, however lately this process read it.
    if (kept !== undefined) account.offer(kept, -Infinity);
    const record = this.#parts.mesh.records.get(tokensTable, account.id);
    account.isLoaded = true;
    if (record !== undefined && this.#accounts.get(account.id) === account) this.#learn(record);
    this.#publish(account);
    this.changed(account);
  }

  /** A token or a final refusal that another node (or this one, in an earlier life) told of. */
  #learn(record: ReplicatedRecord): void {
    const account = this.#accounts.get(record.id);
    if (account?.isLoaded !== true) return;
    const { mesh, shelf, clock } = this.#parts;
    const news = this.#board.read(record);
    if (news !== undefined && 'needsLogin' in news) account.mark(news.needsLogin);
    else if (news !== undefined && account.offer(news.token, clock.monotonicMs()))
      void shelf.keep(account.place, account.token);
    // What took the place of the newest token without being newer would leave those without one who join now.
    if (mesh.leadership.isSelf) this.#publish(account);
  }

  #leaderChanged(): void {
    this.#rounds.look();
    for (const account of this.#accounts.values()) {
      if (account.isRefused) this.#wake(account);
      this.#publish(account);
    }
  }

  /**
   * A token that the others may not see: it was written to this disk by one that died before they heard of it, or its
   * record was overwritten. Where the others have given the login up since, the leader is offered the token.
   */
  #publish(account: TokenAccount): void {
    const { mesh } = this.#parts;
    const { fence, clusterId } = account.token;
    if (!account.isLoaded || fence === undefined || clusterId !== mesh.leadership.config?.clusterId) return;
    const shown = this.#board.shown(account.id);
    const isShown = shown?.clusterId === clusterId && isSameFence(shown.fence, fence);
    if (isShown) return;
    const payload = tokenPayload(mesh.sealer, account.id, account.token);
    const told = this.#board.show(account.id, { fence, clusterId }, payload);
    if (told === 'late' && account.needsLogin === undefined) void this.#desk.ask(account, undefined);
  }

  /** One try at a refresh, here or at the leader. True when it gave a token; throws what made it fail for good. */
  async #tryRefresh(account: TokenAccount, startMs: number): Promise<boolean> {
    const leftMs = refreshWaitMs - (this.#parts.clock.monotonicMs() - startMs);
    const own = this.#rounds.refreshNow(account);
    if (own !== undefined) {
      const end = await inTime(own, leftMs, this.#parts.clock);
      if (isFault(end)) throw end;
      return end === 'renewed';
    }
    const advice = await this.#desk.ask(account, undefined);
    if (advice?.kind === 'failed') throw faultOf(advice.code, advice.message);
    return advice?.kind === 'newer';
  }

  /** Asks for another token until there is one; the account serves nothing meanwhile. */
  async #seek(account: TokenAccount): Promise<void> {
    for (let attempt = 0; account.isRefused && !this.#isStopped; attempt++) {
      if (this.#accounts.get(account.id) !== account || account.needsLogin !== undefined) return;
      if (this.#parts.mesh.leadership.isSelf) this.#rounds.look();
      else await this.#desk.ask(account, hashOf(account.current() ?? ''));
      if (!account.isRefused) return;
      await this.#changed(account, seekDelays.baseMs + backoffMs(attempt, seekDelays, this.#parts.random));
    }
  }

  /** Resolves at the next change of the account, or after `waitMs`. */
  #changed(account: TokenAccount, waitMs: number): Promise<void> {
    return new Promise((done) => {
      const waiting = this.#waiting.get(account) ?? new Set();
      this.#waiting.set(account, waiting);
      const wake = () => {
        timer.cancel();
        waiting.delete(wake);
        done();
      };
      const timer = this.#parts.clock.after(waitMs, wake);
      waiting.add(wake);
    });
  }

  #wake(account: TokenAccount): void {
    const waiting = this.#waiting.get(account);
    this.#waiting.delete(account);
    for (const wake of waiting ?? []) wake();
  }
}

function pending(accountId: string): Fault {
  return tokenFaults.token_refresh_pending(`the refresh of account ${accountId} has not ended yet; it goes on`);
}

function noLeader(): Fault {
  return tokenFaults.token_no_leader('the cluster has no leader now, and only the leader refreshes tokens');
}

/** A failure that the leader told of. */
function faultOf(code: string, message: string): Fault {
  const make = Object.hasOwn(tokenFaults, code) ? tokenFaults[code as keyof typeof tokenFaults] : undefined;
  return (make ?? tokenFaults.token_service_failed)(`the leader could not refresh the token: ${message}`);
}

import { isFault } from '../../kit/fault.ts';
import type { SessionDesk, SessionTokens } from './contract.ts';
import { isSessionOf } from './directory.ts';
import { authFaults } from './faults.ts';
import type { DeskParts } from './key-desk.ts';
import type { Login } from './login.ts';
import { newId, randomCode } from './new-credential.ts';
import type { SessionRecord } from './session-book.ts';
import type { SignedTokens, TokenLives } from './signed-tokens.ts';
import type { HeldUser } from './user-book.ts';

export interface SessionDeskParts extends DeskParts {
  readonly login: Login;
  readonly tokens: SignedTokens;
  readonly lives: TokenLives;
  /** Of one user; the oldest makes room. */
  readonly sessionsMax: number;
}

/** Logging in, going on, and logging out. */
export class Sessions implements SessionDesk {
  readonly #parts: SessionDeskParts;

  constructor(parts: SessionDeskParts) {
    this.#parts = parts;
  }

  async login(username: string, password: string, clientAddress: string): Promise<SessionTokens> {
    const user = await this.#parts.login.check(username, password, clientAddress);
    const { directory, random, log } = this.#parts;
    this.#makeRoom(user);
    const id = newId(random, 'ses');
    const nowMs = this.#nowMs();
    const session = { user: user.id, epoch: user.value.epoch, createdAtMs: nowMs, ...this.#next(0) };
    await directory.sessions.table.put(id, session);
    log.info('logged in', { user: user.id, session: id });
    return this.#tokens(id, session);
  }

  async refresh(refreshToken: string): Promise<SessionTokens> {
    const { directory, tokens, log } = this.#parts;
    const claims = await tokens.verify('refresh', refreshToken);
    const session = claims === undefined ? undefined : directory.sessions.get(claims.session);
    const user = claims === undefined ? undefined : directory.users.get(claims.user);
    if (claims === undefined || session === undefined || user === undefined) throw refused();
    const { generation, nonce, expiresAtMs } = session.value;
    if (!isSessionOf(session.value, user) || expiresAtMs <= this.#nowMs()) throw refused();
    if (claims.generation !== generation || claims.nonce !== nonce) {
      log.warn('a refresh token was used again, so its session ends', { user: user.id, session: session.id });
      await directory.sessions.table.remove(session.id);
      throw refused();
    }
    const next = { ...session.value, ...this.#next(generation + 1) };
    await this.#goOn(session.id, next);
    return this.#tokens(session.id, next);
  }

  async logout(refreshToken: string): Promise<void> {
    const { directory, tokens, log } = this.#parts;
    const claims = await tokens.verify('refresh', refreshToken);
    if (claims === undefined || directory.sessions.get(claims.session) === undefined) return;
    log.info('logged out', { user: claims.user, session: claims.session });
    await directory.sessions.table.remove(claims.session);
  }

  /** Two members that were shown one token at once both write; the one that is overtaken ends the session. */
  async #goOn(id: string, next: SessionRecord): Promise<void> {
    const { table } = this.#parts.directory.sessions;
    try {
      await table.put(id, next);
    } catch (error) {
      if (!isFault(error) || error.code !== 'changed_meanwhile') throw error;
      this.#parts.log.warn('a refresh token was used twice at once, so its session ends', { session: id });
      await table.remove(id);
      throw refused();
    }
  }

  #next(generation: number): Pick<SessionRecord, 'generation' | 'nonce' | 'expiresAtMs'> {
    const expiresAtMs = this.#nowMs() + this.#parts.lives.refresh;
    return { generation, nonce: randomCode(this.#parts.random, 20), expiresAtMs };
  }

  async #tokens(session: string, { user, generation, nonce }: SessionRecord): Promise<SessionTokens> {
    const { tokens, lives } = this.#parts;
    const claims = { user, session, generation, nonce };
    const [accessToken, refreshToken] = await Promise.all([
      tokens.sign('access', claims),
      tokens.sign('refresh', claims),
    ]);
    return { accessToken, refreshToken, expiresInMs: lives.access };
  }

  #makeRoom(user: HeldUser): void {
    const { sessions } = this.#parts.directory;
    const all = sessions.ofUser(user.id);
    for (const { id } of all.slice(0, Math.max(0, all.length + 1 - this.#parts.sessionsMax)))
      sessions.table.removeLater(id);
  }

  #nowMs(): number {
    return Math.floor(this.#parts.clock.nowMs());
  }
}

function refused(): Error {
  return authFaults.refresh_refused('this refresh token is not good, or no longer; log in again');
}

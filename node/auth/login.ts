import { isFault } from '../../kit/fault.ts';
import { authFaults } from './faults.ts';
import type { DeskParts } from './key-desk.ts';
import type { Lockouts } from './lockouts.ts';
import type { LoginPace } from './login-pace.ts';
import { passwordLengthMax } from './password-rules.ts';
import type { Passwords } from './passwords.ts';
import type { HeldUser } from './user-book.ts';

export interface LoginParts extends Pick<DeskParts, 'directory' | 'log'> {
  readonly passwords: Passwords;
  readonly lockouts: Lockouts;
  readonly pace: LoginPace;
}

/** No name is longer, however it is written. */
const nameLengthMax = 256;

/**
 * Finds out whether a name and a password go together. Says the same, after the same time, for a name that there is not;
 * who is locked out or in a hurry is refused before anything is hashed.
 */
export class Login {
  readonly #parts: LoginParts;

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  /** Throws `login_refused` or `login_locked`. */
  async check(username: string, password: string, clientAddress: string): Promise<HeldUser> {
    const { directory, passwords, lockouts, pace } = this.#parts;
    const user = username.length > nameLengthMax ? undefined : directory.users.byName(username);
    const waitMs = () => Math.max(lockouts.waitMs(user?.id, username), pace.waitMs(clientAddress));
    const onWrong = () => this.#failed(user, username, clientAddress);
    requireNoWait(waitMs());
    // The time for a longer one depends on nothing but its length.
    if (password.length > passwordLengthMax) {
      onWrong();
      throw refused();
    }
    const turn = { mayBegin: () => waitMs() === 0, onWrong };
    const outcome = await passwords.compare(password, user?.value.password, turn);
    if (outcome === 'barred') requireNoWait(waitMs());
    const now = outcome === 'right' && user !== undefined ? directory.users.get(user.id) : undefined;
    // It may have been changed meanwhile.
    if (now?.value.isEnabled === true && now.value.epoch === user?.value.epoch) return this.#entered(now, password);
    if (outcome === 'right') onWrong();
    throw refused();
  }

  #entered(user: HeldUser, password: string): HeldUser {
    const { lockouts, passwords } = this.#parts;
    lockouts.succeeded(user.id);
    const kept = user.value.password;
    if (passwords.isOutdated(kept)) void this.#renew(user.id, kept, password);
    return user;
  }

  /** The name that was typed is not logged: people type their password there. */
  #failed(user: HeldUser | undefined, username: string, clientAddress: string): void {
    const { lockouts, pace, log } = this.#parts;
    pace.failed(clientAddress);
    const isLocked = lockouts.failed(user?.id, username);
    if (isLocked && user !== undefined)
      log.warn('too many wrong passwords: the user is locked out for a while', { user: user.id, clientAddress });
    else log.info('a login was refused', { user: user?.id ?? 'unknown', clientAddress });
  }

  /** The password is here only now, so a hash with the costs of before is made anew. */
  async #renew(id: string, kept: string, password: string): Promise<void> {
    const { directory, passwords, log } = this.#parts;
    try {
      const hash = await passwords.hash(password);
      const user = directory.users.get(id);
      if (user?.value.password === kept) await directory.users.table.put(id, { ...user.value, password: hash });
    } catch (error) {
      if (!isFault(error)) throw error;
      log.info('the hash of a password is renewed at a later login', { user: id, code: error.code });
    }
  }
}

function requireNoWait(waitMs: number): void {
  if (waitMs === 0) return;
  throw authFaults.login_locked('too many wrong passwords; wait before you try again', {
    retryAfterMs: Math.ceil(waitMs),
  });
}

function refused(): Error {
  return authFaults.login_refused('user name and password do not go together');
}

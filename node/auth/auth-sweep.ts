import type { Mesh } from '../../cluster/contract.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import { isFault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import { isSessionOf, type Directory } from './directory.ts';
import type { Lockouts } from './lockouts.ts';
import type { SigningKeys } from './signing-keys.ts';

const periodMs = 600_000;

/** Each is a record that goes to all members; what is left over waits for the next time. */
const countMax = 500;

export interface AuthSweepParts {
  readonly directory: Directory;
  readonly lockouts: Lockouts;
  readonly signingKeys: SigningKeys;
  readonly mesh: Pick<Mesh, 'records' | 'leadership'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signingKeyLifeMs: number;
  readonly refreshLifeMs: number;
}

/** What has ended by time is taken out by the leader, so that no table grows for ever. */
export class AuthSweep {
  readonly #parts: AuthSweepParts;
  #timer: Timer | undefined;

  constructor(parts: AuthSweepParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = this.#parts.clock.every(periodMs, () => void this.run());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Does nothing at any other member than the leader. */
  async run(): Promise<void> {
    const { mesh, log, signingKeys, lockouts, signingKeyLifeMs, refreshLifeMs } = this.#parts;
    if (!mesh.leadership.isSelf || !mesh.records.isCurrent()) return;
    try {
      const left = countMax - this.#sweepSessions(countMax);
      this.#sweepKeys(left - lockouts.sweep(left));
      await signingKeys.turn(signingKeyLifeMs, refreshLifeMs);
    } catch (error) {
      if (!isFault(error)) throw error;
      log.warn('outdated sessions and keys could not be removed; the next sweep tries again', { error });
    }
  }

  /** Those that expired, whose user is gone, or whose password was changed. */
  #sweepSessions(most: number): number {
    const { directory, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const ended = directory.sessions.table.all().filter(({ value }) => {
      const user = directory.users.get(value.user);
      const hasEnded = user === undefined ? this.#isGone(value.user) : !isSessionOf(value, user);
      return hasEnded || value.expiresAtMs <= nowMs;
    });
    const swept = ended.take(most).toArray();
    for (const { id } of swept) directory.sessions.table.removeLater(id);
    return swept.length;
  }

  /** A key that was made for a user while that one was removed at another member. */
  #sweepKeys(most: number): void {
    const { keys } = this.#parts.directory;
    const orphans = keys.all().filter(({ record: { user } }) => user !== undefined && this.#isGone(user));
    for (const { id } of orphans.take(Math.max(0, most)).toArray()) keys.table.removeLater(id);
  }
  /** One whose record only cannot be read, as a newer version may have written it, is not: what is removed is so for good. */
  #isGone(user: string): boolean {
    return this.#parts.mesh.records.get('users', user) === undefined;
  }
}

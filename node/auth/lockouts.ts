import { z } from 'zod';
import { LruMap } from '../../kit/lru-map.ts';
import { AuthTable, type AuthTableParts } from './auth-table.ts';
import { foldedName } from './username.ts';

const timeMs = z.number().min(0).max(8.64e15);

const lockoutSchema = z.object({
  /** Wrong passwords since the last lock, or since `sinceMs`. */
  failures: z.number().int().min(0),
  /** Locks since the last right password; each is twice as long as the one before. */
  locks: z.number().int().min(0),
  sinceMs: timeMs,
  lastAtMs: timeMs,
  lockedUntilMs: timeMs,
});
type Lockout = z.infer<typeof lockoutSchema>;

export interface LockoutLimits {
  readonly failuresMax: number;
  readonly windowMs: number;
  readonly lockMaxMs: number;
}

const firstLockMs = 60_000;

/** Names that nobody has, as guessers try them: they are locked like those of users, but not told to the members. */
const strangersMax = 10_000;

const nobody: Lockout = { failures: 0, locks: 0, sinceMs: 0, lastAtMs: 0, lockedUntilMs: 0 };

/**
 * Who guesses passwords has a few tries, then has to wait: one minute, two, four, up to the limit. Records of the mesh,
 * so that no other member gives him as many tries again.
 */
export class Lockouts {
  readonly #parts: AuthTableParts;
  readonly #limits: LockoutLimits;
  readonly #table: AuthTable<Lockout>;
  readonly #strangers = new LruMap<string, Lockout>(strangersMax);

  constructor(parts: AuthTableParts, limits: LockoutLimits) {
    this.#parts = parts;
    this.#limits = limits;
    this.#table = new AuthTable(parts, {
      table: 'lockouts',
      schema: lockoutSchema,
      isFinal: false,
      onChange: () => undefined,
    });
  }

  /** Milliseconds until this user may try again; 0 when he may. `userId` is undefined for a name that nobody has. */
  waitMs(userId: string | undefined, name: string): number {
    const leftMs = this.#of(userId, name).lockedUntilMs - this.#parts.clock.nowMs();
    // None of ours is longer: a clock jumped, and what it left behind must not lock anybody out for years.
    return leftMs <= this.#limits.lockMaxMs ? Math.max(0, leftMs) : 0;
  }

  /** Wall ms; undefined when he is not locked out. */
  lockedUntilMs(userId: string): number | undefined {
    const waitMs = this.waitMs(userId, '');
    return waitMs === 0 ? undefined : this.#parts.clock.nowMs() + waitMs;
  }

  /** A wrong password; true when it was one too many. */
  failed(userId: string | undefined, name: string): boolean {
    const next = this.#afterFailure(this.#of(userId, name));
    if (userId === undefined) this.#strangers.set(strangerOf(name), next);
    else this.#table.putLater(userId, next);
    return next.failures === 0;
  }

  succeeded(userId: string): void {
    this.#table.removeLater(userId);
  }

  /** For the leader: what no longer matters goes, at most `countMax` of them. Answers how many. */
  sweep(countMax: number): number {
    const outdated = this.#table.all().filter(({ value }) => this.#isOutdated(value));
    const swept = outdated.take(countMax).toArray();
    for (const { id } of swept) this.#table.removeLater(id);
    return swept.length;
  }

  #afterFailure(before: Lockout): Lockout {
    const nowMs = this.#parts.clock.nowMs();
    const { failures, locks, sinceMs } = this.#isOutdated(before) ? { ...nobody, sinceMs: nowMs } : before;
    const isNewWindow = nowMs - sinceMs > this.#limits.windowMs;
    const count = (isNewWindow ? 0 : failures) + 1;
    const noted = { locks, sinceMs: isNewWindow ? nowMs : sinceMs, lastAtMs: nowMs };
    if (count < this.#limits.failuresMax) return { ...noted, failures: count, lockedUntilMs: 0 };
    const lockMs = Math.min(firstLockMs * 2 ** locks, this.#limits.lockMaxMs);
    return { ...noted, failures: 0, locks: locks + 1, lockedUntilMs: nowMs + lockMs };
  }

  /** Long enough after the last failure, and after its lock, all is forgiven. */
  #isOutdated({ lastAtMs, lockedUntilMs }: Lockout): boolean {
    const { windowMs } = this.#limits;
    return this.#parts.clock.nowMs() - Math.max(lastAtMs, lockedUntilMs) > windowMs;
  }

  #of(userId: string | undefined, name: string): Lockout {
    const known = userId === undefined ? this.#strangers.get(strangerOf(name)) : this.#table.get(userId)?.value;
    return known ?? nobody;
  }
}

function strangerOf(name: string): string {
  return foldedName(name.slice(0, 256));
}

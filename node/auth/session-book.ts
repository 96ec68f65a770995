import { z } from 'zod';
import { AuthTable, type AuthTableParts } from './auth-table.ts';
import type { Revision } from './revision.ts';

const timeMs = z.number().int().min(0).max(8.64e15);

const sessionSchema = z.object({
  user: z.string().min(1).max(64),
  /** The user's when the session began; it ends when the user's rises. */
  epoch: z.number().int().min(0),
  /** Counts the refresh tokens of the session; only the newest is good. */
  generation: z.number().int().min(0),
  /** Tells two refresh tokens of one generation apart, which two members gave out at once. */
  nonce: z.string().min(1).max(64),
  createdAtMs: timeMs,
  /** When its refresh token ends. */
  expiresAtMs: timeMs,
});

export type SessionRecord = z.infer<typeof sessionSchema>;

/** Sessions of those who logged in, by id and by user. */
export class SessionBook {
  readonly table: AuthTable<SessionRecord>;
  readonly #byUser = new Map<string, Set<string>>();

  constructor(parts: AuthTableParts, revision: Revision) {
    this.table = new AuthTable(parts, {
      table: 'sessions',
      schema: sessionSchema,
      isFinal: true,
      onChange: (now, before) => {
        if (before !== undefined) this.#forget(before.value.user, before.id);
        if (now !== undefined) this.#note(now.value.user, now.id);
        // A session that begins, or goes on, makes no credential bad.
        else revision.raise();
      },
    });
  }

  get(id: string) {
    return this.table.get(id);
  }

  /** The oldest first. */
  ofUser(user: string): { id: string; value: SessionRecord }[] {
    const sessions = [...(this.#byUser.get(user) ?? [])].flatMap((id) => this.table.get(id) ?? []);
    return sessions.sort((one, other) => one.value.createdAtMs - other.value.createdAtMs);
  }

  #note(user: string, id: string): void {
    const ids = this.#byUser.get(user) ?? new Set();
    this.#byUser.set(user, ids.add(id));
  }

  #forget(user: string, id: string): void {
    const ids = this.#byUser.get(user);
    ids?.delete(id);
    if (ids?.size === 0) this.#byUser.delete(user);
  }
}

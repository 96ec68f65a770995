import type { Mesh } from '../../cluster/contract.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import { isFault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import { Secret } from '../../kit/secret.ts';
import type { Directory } from './directory.ts';
import { newId, newPassword } from './new-credential.ts';
import type { Passwords } from './passwords.ts';

export const firstAdminName = 'admin';

/** How often it is looked whether this node may make the admin; the start of a node is no hot path. */
const lookPeriodMs = 100;

export interface FirstAdminParts {
  readonly directory: Directory;
  readonly mesh: Pick<Mesh, 'records' | 'leadership'> & { readonly joining: Pick<Mesh['joining'], 'isJoined'> };
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** What the admin's password shall be; undefined: a random one. */
  readonly password: Secret | undefined;
  /** Told once of a password that was made up, to show it to a person. It is nowhere else. */
  readonly onMade: (made: { username: string; password: Secret }) => void;
}

/**
 * Makes the first admin of a cluster that never had a user. Only the leader does, once it has what the others have, so
 * that a node that joins makes none.
 */
export class FirstAdmin {
  readonly #parts: FirstAdminParts;
  #timer: Timer | undefined;

  constructor(parts: FirstAdminParts) {
    this.#parts = parts;
  }

  /** After the mesh has been started. */
  start(): void {
    if (this.#isNeeded) this.#timer = this.#parts.clock.every(lookPeriodMs, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  get #isNeeded(): boolean {
    return this.#parts.directory.users.table.isUntouched;
  }

  get #mayMake(): boolean {
    const { joining, records, leadership } = this.#parts.mesh;
    return joining.isJoined && records.isCurrent() && leadership.isSelf;
  }

  #look(): void {
    if (!this.#isNeeded) return this.stop();
    if (!this.#mayMake) return;
    this.stop();
    void this.#make();
  }

  async #make(): Promise<void> {
    const { log, password, random, onMade } = this.#parts;
    try {
      const made = password ?? new Secret(newPassword(random));
      const isMade = await this.#put(made, password === undefined);
      if (!isMade) return this.start();
      log.info('made the first user', { username: firstAdminName, role: 'admin' });
      if (password === undefined) onMade({ username: firstAdminName, password: made });
    } catch (error) {
      if (!isFault(error)) throw error;
      log.error('the first admin could not be made; tried again', { error });
      this.start();
    }
  }

  /** False when somebody else may have made one meanwhile. */
  async #put(password: Secret, isRandom: boolean): Promise<boolean> {
    const { directory, passwords, random, clock } = this.#parts;
    const hash = await (isRandom ? passwords.hashRandom(password.reveal()) : passwords.hash(password.reveal()));
    if (!this.#isNeeded || !this.#mayMake) return false;
    const nowMs = Math.floor(clock.nowMs());
    const times = { createdAtMs: nowMs, namedAtMs: nowMs };
    const fields = { username: firstAdminName, role: 'admin', isEnabled: true, epoch: 0 };
    await directory.users.table.put(newId(random, 'usr'), { ...fields, ...times, password: hash });
    return true;
  }
}

import { createSecretKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Sealer } from '../../cluster/contract.ts';
import { SingleFlight } from '../../kit/single-flight.ts';
import type { Random } from '../../kit/random.ts';
import { AuthTable, type AuthTableParts, type Held } from './auth-table.ts';
import { newId } from './new-credential.ts';

/** As long as the hash of HS256: RFC 7518 section 3.2 asks for no less. */
const secretBytes = 32;

/** A new key is used once all members must have heard of it, while there is an older one. */
const settleMs = 10_000;

/** Members that need the first key at the same moment make one each; nobody makes more than a few a month. */
const keysMax = 32;

const signingKeySchema = z.object({
  sealed: z
    .string()
    .max(512)
    .regex(/^[A-Za-z0-9_-]+$/),
  createdAtMs: z.number().int().min(0).max(8.64e15),
});
type SigningKeyRecord = z.infer<typeof signingKeySchema>;

export interface SigningKey {
  readonly id: string;
  readonly secret: KeyObject;
  readonly createdAtMs: number;
}

export interface SigningKeysParts extends AuthTableParts {
  readonly sealer: Sealer;
  readonly random: Random;
}

/** Keys that sign tokens, sealed in records that all members have: what one of them signed the others accept. */
export class SigningKeys {
  readonly #parts: SigningKeysParts;
  readonly #table: AuthTable<SigningKeyRecord>;
  readonly #keys = new Map<string, SigningKey>();
  readonly #making = new SingleFlight<'one', void>();

  constructor(parts: SigningKeysParts) {
    this.#parts = parts;
    this.#table = new AuthTable(parts, {
      table: 'signing_keys',
      schema: signingKeySchema,
      isFinal: true,
      onChange: (now, before) => {
        if (before !== undefined) this.#keys.delete(before.id);
        const key = now === undefined ? undefined : this.#opened(now);
        if (key !== undefined) this.#keys.set(key.id, key);
      },
    });
  }

  get(id: string): SigningKey | undefined {
    return this.#keys.get(id);
  }

  /** The one to sign with; the first is made when it is asked for. */
  async current(): Promise<SigningKey> {
    for (;;) {
      const key = this.#choose();
      if (key !== undefined) return key;
      await this.#making.run('one', () => this.#make());
    }
  }

  /** For the leader: makes a new one when the newest has served for `lifeMs`, and forgets those whose tokens have all ended. */
  async turn(lifeMs: number, tokenLifeMs: number): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    const [newest] = this.#newestFirst();
    if (newest !== undefined && nowMs - newest.createdAtMs >= lifeMs && this.#keys.size < keysMax) {
      await this.#make();
      this.#parts.log.info('a new key signs tokens from now on');
    }
    const keys = this.#newestFirst();
    for (const [index, key] of keys.entries()) {
      const follower = keys[index - 1];
      if (follower === undefined || nowMs < follower.createdAtMs + 2 * settleMs + tokenLifeMs) continue;
      this.#table.removeLater(key.id);
    }
  }

  /** The newest that has settled; else the oldest, which members that made one at the same time agree on. */
  #choose(): SigningKey | undefined {
    const keys = this.#newestFirst();
    const nowMs = this.#parts.clock.nowMs();
    return keys.find(({ createdAtMs }) => nowMs - createdAtMs >= settleMs) ?? keys.at(-1);
  }

  #newestFirst(): SigningKey[] {
    const isNewer = (one: SigningKey, other: SigningKey) =>
      other.createdAtMs - one.createdAtMs || (one.id < other.id ? 1 : -1);
    return [...this.#keys.values()].sort(isNewer);
  }

  async #make(): Promise<void> {
    const { sealer, random, clock } = this.#parts;
    const id = newId(random, 'sgn');
    const sealed = Buffer.from(sealer.seal(purposeOf(id), random.bytes(secretBytes))).toString('base64url');
    await this.#table.put(id, { sealed, createdAtMs: Math.floor(clock.nowMs()) });
  }

  /** Undefined for one that was sealed under another cluster secret: what it signed is no longer good here. */
  #opened({ id, value }: Held<SigningKeyRecord>): SigningKey | undefined {
    const secret = this.#parts.sealer.open(purposeOf(id), Buffer.from(value.sealed, 'base64url'));
    if (secret?.length === secretBytes) return { id, secret: createSecretKey(secret), createdAtMs: value.createdAtMs };
    this.#parts.log.warn('a key for signing tokens was sealed under another cluster secret and is passed over', { id });
    return undefined;
  }
}

function purposeOf(id: string): string {
  return `signing-key/${id}`;
}

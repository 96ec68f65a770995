import { z } from 'zod';
import { AuthTable, type AuthTableParts, type Held } from './auth-table.ts';
import type { KeyFields, KeyPolicy, LastUse } from './contract.ts';
import { keyFieldsSchema } from './key-fields.ts';
import { keyPolicy } from './key-policy.ts';

/** SHA-256 as base64url. */
const digestForm = /^[A-Za-z0-9_-]{43}$/;

const keyRecordSchema = z.object({
  digest: z.string().regex(digestForm),
  prefix: z.string().min(1).max(16),
  createdAtMs: z.number().int().min(0).max(8.64e15),
  ...keyFieldsSchema.shape,
});

export type KeyRecord = z.infer<typeof keyRecordSchema>;

/** A key with what was made of it once for all its requests. */
export interface HeldKey {
  readonly id: string;
  readonly record: KeyRecord;
  readonly policy: KeyPolicy | undefined;
  readonly lastUse: LastUse;
}

/** API keys by id and by digest. */
export class KeyBook {
  readonly table: AuthTable<KeyRecord>;
  readonly #byDigest = new Map<string, HeldKey>();
  readonly #byId = new Map<string, HeldKey>();

  constructor(parts: AuthTableParts, onChange: () => void) {
    this.table = new AuthTable(parts, {
      table: 'keys',
      schema: keyRecordSchema,
      isFinal: true,
      fields: Object.keys(keyRecordSchema.shape),
      onChange: (now, before) => {
        const lastUse = this.#byId.get(now?.id ?? '')?.lastUse ?? { atMs: 0 };
        if (before !== undefined) this.#forget(before.id);
        if (now !== undefined) this.#note(now, lastUse);
        onChange();
      },
    });
  }

  get(id: string): HeldKey | undefined {
    return this.#byId.get(id);
  }

  /** `digest`: 32 bytes as text, one character each. */
  byDigest(digest: string): HeldKey | undefined {
    return this.#byDigest.get(digest);
  }

  all(): MapIterator<HeldKey> {
    return this.#byId.values();
  }

  #note({ id, value }: Held<KeyRecord>, lastUse: LastUse): void {
    const key = { id, record: value, policy: keyPolicy(id, value), lastUse };
    this.#byId.set(id, key);
    // Two keys of one digest cannot come about by chance; what a record claims must not take over another key.
    const digest = Buffer.from(value.digest, 'base64url').toString('latin1');
    if (!this.#byDigest.has(digest)) this.#byDigest.set(digest, key);
  }

  #forget(id: string): void {
    const key = this.#byId.get(id);
    if (key === undefined) return;
    this.#byId.delete(id);
    const digest = Buffer.from(key.record.digest, 'base64url').toString('latin1');
    if (this.#byDigest.get(digest) === key) this.#byDigest.delete(digest);
  }
}

/** The fields that people set, of a record. */
export function keyFieldsOf(record: KeyRecord): KeyFields {
  const { digest: _digest, prefix: _prefix, createdAtMs: _created, ...fields } = record;
  return fields;
}

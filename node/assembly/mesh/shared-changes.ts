import type { Records, ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import { z } from 'zod';

/** The upstream's word that the account is of no use. It was said of this credential, and does not hold for another. */
const disablementSchema = z.object({
  code: z.string().max(64),
  reason: z.string().max(1_024),
  credential: z.string().max(64),
  /** Tells the content of the files that the credential was read from, where it was said. */
  files: z.string().max(64).optional(),
});
export type Disablement = z.infer<typeof disablementSchema>;

const fieldsSchema = z.record(z.string(), z.unknown());

/** What was changed of an account through the API, to be laid over the configuration of every member. */
export const accountChangeSchema = z.discriminatedUnion('kind', [
  /** Made at run time: all its fields. */
  z.object({ kind: z.literal('added'), fields: fieldsSchema, disabled: disablementSchema.optional() }),
  /** Fields changed of an account of the configuration; null takes one away. */
  z.object({ kind: z.literal('changed'), fields: fieldsSchema, disabled: disablementSchema.optional() }),
  /** An account of the configuration that was removed. */
  z.object({ kind: z.literal('removed') }),
]);
export type AccountChange = z.infer<typeof accountChangeSchema>;

const accountsTable = 'accounts';
const resetsTable = 'resets';
const settingsTable = 'settings';
const algorithmId = 'algorithm';

const algorithmSchema = z.object({ algorithm: z.string().max(100) });

/** Hears what other members changed. */
export interface ChangeListener {
  account(id: string): void;
  algorithm(): void;
  reset(id: string): void;
  /** After any of these, with the wall ms at which the change was written. */
  changed(writtenAtMs: number): void;
}

/**
 * A call is answered once every live member has the change and this node's disk too, or after this time: neither a frozen
 * member nor a disk that fails must hold it up. The records tell the log of such a disk.
 */
const confirmMs = 1000;

/**
 * Changes made at run time, as records of the mesh: kept over restarts, and the same at every member. Holds the keys of
 * added accounts, so nothing of it is ever logged.
 */
export class SharedChanges {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** By account id; what another version wrote and this one cannot read is passed over, and left as it is. */
  accounts(): Map<string, AccountChange> {
    const changes = new Map<string, AccountChange>();
    for (const { id, payload } of this.#records.list(accountsTable)) {
      const parsed = accountChangeSchema.safeParse(payload);
      if (parsed.success) changes.set(id, parsed.data);
    }
    return changes;
  }

  /** Undefined: as configured. */
  account(id: string): AccountChange | undefined {
    const parsed = accountChangeSchema.safeParse(this.#records.get(accountsTable, id)?.payload);
    return parsed.success ? parsed.data : undefined;
  }

  /** Undefined: as configured again. Resolves once all live members and the disk have it, or after a bounded time. */
  async keepAccount(id: string, change: AccountChange | undefined): Promise<void> {
    if (JSON.stringify(this.account(id)) === JSON.stringify(change)) return;
    const record =
      change === undefined ? this.#records.remove(accountsTable, id) : this.#records.put(accountsTable, id, change);
    await this.#confirmed(record);
  }

  get algorithm(): string | undefined {
    const parsed = algorithmSchema.safeParse(this.#records.get(settingsTable, algorithmId)?.payload);
    return parsed.success ? parsed.data.algorithm : undefined;
  }

  async keepAlgorithm(algorithm: string): Promise<void> {
    await this.#confirmed(this.#records.put(settingsTable, algorithmId, { algorithm }));
  }

  /** A person's reset of an account's breakers and rests, which holds for all. */
  async tellReset(id: string): Promise<void> {
    await this.#confirmed(this.#records.put(resetsTable, id, {}));
  }

  /** The account is gone, and with it what a reset of it made void. */
  forgetReset(id: string): void {
    if (this.#records.get(resetsTable, id) !== undefined) this.#records.remove(resetsTable, id);
  }

  /** Wall ms of the last reset; what was said of the account before it is void. */
  resetAtMs(id: string): number {
    return this.#records.get(resetsTable, id)?.stamp.major ?? 0;
  }

  /** Called for what other members changed; `changed` for each of it, with the wall ms at which it was written. */
  watch(listener: ChangeListener): void {
    this.#follow(accountsTable, (id) => listener.account(id), listener);
    this.#follow(resetsTable, (id, isDeleted) => (isDeleted ? undefined : listener.reset(id)), listener);
    this.#follow(settingsTable, (id) => (id === algorithmId ? listener.algorithm() : undefined), listener);
  }

  #follow(table: string, take: (id: string, isDeleted: boolean) => void, { changed }: ChangeListener): void {
    this.#records.watch(table, ({ id, stamp, isDeleted }, origin) => {
      if (origin !== 'remote') return;
      take(id, isDeleted);
      changed(stamp.major);
    });
  }

  #confirmed(record: ReplicatedRecord): Promise<void> {
    return new Promise((resolve) => this.#records.confirm(record, confirmMs, () => resolve()));
  }
}

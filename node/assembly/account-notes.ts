import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../kit/atomic-file.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { AccountNotes } from '../providers/contract.ts';

/** Notes are written this long after the first change, so that a burst costs one write. */
const writeDelayMs = 1_000;
/** A disk that fails is tried again after this. */
const retryDelayMs = 60_000;

/** A provider notes a project, a host, a profile: a handful of short words. */
const notesPerAccountMax = 16;
const nameLengthMax = 64;
const valueLengthMax = 1_024;
/** As many as a node holds accounts. */
const accountsMax = 10_000;
/** The file is read whole at start. */
const fileLengthMax = 16 * 1024 * 1024;

const formSchema = z.record(
  z.string(),
  z.object({
    /** Names the credential that the notes were made for. */
    credential: z.string().max(128),
    notes: z.record(z.string().max(nameLengthMax), z.string().max(valueLengthMax)),
  }),
);

interface Kept {
  readonly credential: string;
  readonly notes: Map<string, string>;
}

export interface NotesFileParts {
  dataDir: string;
  clock: Clock;
  log: Log;
}

/** What providers found out about the accounts: one small JSON file in the data folder. Losing it costs look-ups. */
export class NotesFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #accounts = new Map<string, Kept>();
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #isDirty = false;
  #isStopped = false;

  constructor({ dataDir, clock, log }: NotesFileParts) {
    this.#path = join(dataDir, 'account-notes.json');
    this.#clock = clock;
    this.#log = log;
  }

  /** Reads the file; one that is not ours is left out, and replaced by the next write. */
  async load(): Promise<void> {
    try {
      const text = await readFile(this.#path, 'utf8');
      const parsed = formSchema.parse(text.length > fileLengthMax ? {} : JSON.parse(text));
      for (const [id, { credential, notes }] of Object.entries(parsed).slice(0, accountsMax)) {
        this.#accounts.set(id, { credential, notes: new Map(Object.entries(notes).slice(0, notesPerAccountMax)) });
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      this.#log.warn(`${this.#path} cannot be read; what it held is looked up anew`, { error });
    }
  }

  /** The account's notes; those of another credential are dropped. */
  of(accountId: string, credential: string): AccountNotes {
    if (this.#find(accountId, credential) === undefined && this.#accounts.size < accountsMax) {
      const replaced = this.#accounts.get(accountId);
      this.#accounts.set(accountId, { credential, notes: new Map() });
      if (replaced !== undefined && replaced.notes.size > 0) this.#change();
    }
    return {
      get: (name) => this.#find(accountId, credential)?.notes.get(name),
      set: (name, value) => this.#set(accountId, credential, name, value),
    };
  }

  /** The account is gone. */
  forget(accountId: string): void {
    if (this.#accounts.delete(accountId)) this.#change();
  }

  /** Drops what was noted of accounts that are gone. */
  keepOnly(accountIds: ReadonlySet<string>): void {
    for (const id of this.#accounts.keys()) if (!accountIds.has(id)) this.forget(id);
  }

  /** Resolves once everything noted is on the disk, or the disk has refused it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#writing;
    if (this.#isDirty) await this.#write();
  }

  #find(accountId: string, credential: string): Kept | undefined {
    const kept = this.#accounts.get(accountId);
    return kept?.credential === credential ? kept : undefined;
  }

  #set(accountId: string, credential: string, name: string, value: string | undefined): void {
    const notes = this.#find(accountId, credential)?.notes;
    if (notes === undefined || notes.get(name) === value) return;
    if (value === undefined) notes.delete(name);
    else if (hasRoom(notes, name, value)) notes.set(name, value);
    else return;
    this.#change();
  }

  #change(): void {
    this.#isDirty = true;
    this.#plan(writeDelayMs);
  }

  #plan(delayMs: number): void {
    if (this.#timer !== undefined || this.#writing !== undefined || this.#isStopped) return;
    this.#timer = this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      void this.#write();
    });
  }

  #write(): Promise<void> {
    this.#isDirty = false;
    const writing = this.#replaceFile().finally(() => {
      this.#writing = undefined;
    });
    this.#writing = writing;
    return writing;
  }

  async #replaceFile(): Promise<void> {
    const form = [...this.#accounts]
      .filter(([, { notes }]) => notes.size > 0)
      .map(([id, { credential, notes }]) => [id, { credential, notes: Object.fromEntries(notes) }]);
    let delayMs = writeDelayMs;
    try {
      await writeFileAtomic(this.#path, `${JSON.stringify(Object.fromEntries(form), null, 2)}\n`);
    } catch (error) {
      this.#log.warn('what was found out about the accounts cannot be written; it is tried again', { error });
      this.#isDirty = true;
      delayMs = retryDelayMs;
    }
    this.#writing = undefined;
    if (this.#isDirty) this.#plan(delayMs);
  }
}

function hasRoom(notes: ReadonlyMap<string, string>, name: string, value: string): boolean {
  if (name.length > nameLengthMax || value.length > valueLengthMax) return false;
  return notes.has(name) || notes.size < notesPerAccountMax;
}

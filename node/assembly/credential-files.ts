import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { isFault, type Fault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import type { CredentialFiles } from '../providers/contract.ts';
import { readKeyValues } from '../store/key-values.ts';
import { assemblyFaults } from './faults.ts';
import { type FileMark, fileMarkOf } from './file-mark.ts';

/** Credentials of every known program have a few kilobytes. */
const fileBytesMax = 1024 * 1024;

/** Files that one account may look at: its own, and the few places where other programs may keep it. */
const filesMax = 32;

/** Reads that are noted, to be made again; further ones are of files that were read before. */
const readsMax = 64;

/** Files that were warned of; beyond these the log has said enough. */
const warnedMax = 1_000;

/** Read or written by others than the owner. */
const othersMask = 0o066;

export interface CredentialFoldersParts {
  /** The person's home folder. */
  home: string;
  /** What a relative path counts from. */
  dataDir: string;
  log: Log;
}

/** Gives each account its own view of the credential files, and warns of each file once. */
export class CredentialFolders {
  readonly #parts: CredentialFoldersParts;
  readonly #warned = new Set<string>();

  constructor(parts: CredentialFoldersParts) {
    this.#parts = parts;
  }

  filesFor(accountId: string): AccountFiles {
    return new AccountFiles(this.#parts, (path) => this.#warn(accountId, path));
  }

  #warn(account: string, path: string): void {
    if (process.platform === 'win32' || this.#warned.has(path) || this.#warned.size >= warnedMax) return;
    this.#warned.add(path);
    this.#parts.log.warn(`${path} holds credentials and is open to other users; chmod 600 closes it`, { account });
  }
}

/** What an account was loaded from. */
export interface FilesSeen {
  /** Every file that was looked at, as it was then; undefined for one that was not there. */
  readonly marks: ReadonlyMap<string, FileMark>;
  /** Tells one content of all of them from another. */
  readonly digest: string;
  /** Reads the same once more. */
  again(): FilesSeen;
}

/** The files of one account as they are while it is loaded; notes what it saw. */
export class AccountFiles implements CredentialFiles {
  readonly home: string;
  readonly #parts: Omit<CredentialFoldersParts, 'log'>;
  readonly #warn: (path: string) => void;
  readonly #marks = new Map<string, FileMark>();
  readonly #reads: ((files: AccountFiles) => unknown)[] = [];
  readonly #hash = createHash('sha256');

  constructor(parts: Omit<CredentialFoldersParts, 'log'>, warn: (path: string) => void) {
    this.home = parts.home;
    this.#parts = parts;
    this.#warn = warn;
  }

  /** What was seen so far. */
  get seen(): FilesSeen {
    const reads = [...this.#reads];
    return {
      marks: new Map(this.#marks),
      digest: this.#hash.copy().digest('hex'),
      again: () => this.#again(reads),
    };
  }

  read(field: string, path: string): string {
    const text = this.readIfThere(field, path);
    if (text === undefined) throw unusable(field, this.#resolve(path), 'there is no such file');
    return text;
  }

  readIfThere(field: string, path: string): string | undefined {
    const file = this.#resolve(path);
    return this.#noting(
      (files) => files.readIfThere(field, path),
      () => {
        const text = this.#attempt(field, file, () => readSmall(file, (stats) => this.#admit(field, file, stats)));
        if (text === undefined) this.#note(field, file, undefined);
        return text;
      },
    );
  }

  readKeyValues(field: string, path: string, table: string, keys: readonly string[]): ReadonlyMap<string, string> {
    const file = this.#resolve(path);
    return this.#noting(
      (files) => files.readKeyValues(field, path, table, keys),
      () => this.#keyValues(field, file, table, keys),
    );
  }

  #keyValues(field: string, file: string, table: string, keys: readonly string[]): ReadonlyMap<string, string> {
    const stats = this.#attempt(field, file, () => statSync(file));
    this.#note(field, file, stats);
    if (stats === undefined) throw unusable(field, file, 'there is no such file');
    this.#check(field, file, stats);
    // SQLite writes here first.
    const journal = `${file}-wal`;
    this.#note(
      field,
      journal,
      this.#attempt(field, journal, () => statSync(journal)),
    );
    try {
      return readKeyValues(file, table, keys);
    } catch (cause) {
      throw unusable(field, file, `its table ${table} cannot be read: ${messageOf(cause)}`, cause);
    }
  }

  #noting<T extends string | ReadonlyMap<string, string> | undefined>(
    again: (files: AccountFiles) => unknown,
    read: () => T,
  ): T {
    const isNoted = this.#reads.length < readsMax;
    if (isNoted) this.#reads.push(again);
    try {
      const content = read();
      if (isNoted) this.#hash.update(JSON.stringify(content instanceof Map ? [...content] : (content ?? null)));
      return content;
    } catch (error) {
      if (isNoted) this.#hash.update(`failed: ${messageOf(error)}`);
      throw error;
    }
  }

  #again(reads: readonly ((files: AccountFiles) => unknown)[]): FilesSeen {
    const files = new AccountFiles(this.#parts, this.#warn);
    for (const read of reads) {
      try {
        read(files);
      } catch (error) {
        // Part of what is seen.
        if (!isFault(error)) throw error;
      }
    }
    return files.seen;
  }

  /** As people write it: `~/` is the home folder. */
  #resolve(path: string): string {
    if (path === '~' || path.startsWith('~/')) return join(this.home, path.slice(1));
    return isAbsolute(path) ? path : join(this.#parts.dataDir, path);
  }

  /** Undefined where there is no file. */
  #attempt<T>(field: string, file: string, action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      if (isFault(error)) throw error;
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      this.#note(field, file, undefined);
      throw unusable(field, file, `it cannot be read (${String(code)})`, error);
    }
  }

  #admit(field: string, file: string, stats: Stats): void {
    this.#note(field, file, stats);
    this.#check(field, file, stats);
    if (stats.size > fileBytesMax) throw unusable(field, file, `it is larger than ${fileBytesMax} bytes`);
  }

  #check(field: string, file: string, stats: Stats): void {
    if (stats.isDirectory()) throw unusable(field, file, 'it is a folder');
    if (!stats.isFile()) throw unusable(field, file, 'it is not a file');
    if ((stats.mode & othersMask) !== 0) this.#warn(file);
  }

  #note(field: string, file: string, stats: Stats | undefined): void {
    if (!this.#marks.has(file) && this.#marks.size >= filesMax) {
      throw unusable(field, file, `an account looks at ${filesMax} files at most`);
    }
    this.#marks.set(file, stats === undefined ? undefined : fileMarkOf(stats));
  }
}

/** Throws what the file system throws, and what `admit` throws once it has seen what the open file is. */
function readSmall(file: string, admit: (stats: Stats) => void): string {
  // A pipe would hold the node until somebody writes into it.
  const handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(handle);
    admit(stats);
    const bytes = Buffer.alloc(Math.min(fileBytesMax, stats.size + 1));
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(handle, bytes, length, bytes.length - length, null);
    }
    return bytes.toString('utf8', 0, length).replace(/^\uFEFF/, '');
  } finally {
    closeSync(handle);
  }
}

function unusable(field: string, file: string, what: string, cause?: unknown): Fault {
  return assemblyFaults.credential_file_unusable(`${field}: ${file}: ${what}`, { field, cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

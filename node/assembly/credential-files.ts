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

/** The files of one account as they are while it is loaded; notes which ones it looked at, to watch them. */
export class AccountFiles implements CredentialFiles {
  readonly home: string;
  readonly #dataDir: string;
  readonly #warn: (path: string) => void;
  readonly #marks = new Map<string, FileMark>();

  constructor({ home, dataDir }: Omit<CredentialFoldersParts, 'log'>, warn: (path: string) => void) {
    this.home = home;
    this.#dataDir = dataDir;
    this.#warn = warn;
  }

  /** Every file looked at so far, as it was then. */
  get marks(): ReadonlyMap<string, FileMark> {
    return new Map(this.#marks);
  }

  read(field: string, path: string): string {
    const text = this.readIfThere(field, path);
    if (text === undefined) throw unusable(field, this.#resolve(path), 'there is no such file');
    return text;
  }

  readIfThere(field: string, path: string): string | undefined {
    const file = this.#resolve(path);
    const text = this.#attempt(field, file, () => readSmall(file, (stats) => this.#admit(field, file, stats)));
    if (text === undefined) this.#note(field, file, undefined);
    return text;
  }

  readKeyValues(field: string, path: string, table: string, keys: readonly string[]): ReadonlyMap<string, string> {
    const file = this.#resolve(path);
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

  /** As people write it: `~/` is the home folder. */
  #resolve(path: string): string {
    if (path === '~' || path.startsWith('~/')) return join(this.home, path.slice(1));
    return isAbsolute(path) ? path : join(this.#dataDir, path);
  }

  /** Undefined where there is no file. */
  #attempt<T>(field: string, file: string, action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      if (isFault(error)) throw error;
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw unusable(field, file, code === 'EISDIR' ? 'it is a folder' : `it cannot be read (${String(code)})`, error);
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

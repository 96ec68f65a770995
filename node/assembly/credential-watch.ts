import { stat } from 'node:fs/promises';
import type { Clock, Timer } from '../../kit/clock.ts';
import { type FileMark, fileMarkOf } from './file-mark.ts';

/** A person who has logged in anew does not wait long, and a look costs one system call a file. */
const lookEveryMs = 3_000;

/** A file that is being written is looked at again after this: only what stays as it is counts. */
const settleMs = 500;

/** Files looked at at once: each takes a thread of the pool that names are resolved in too. */
const looksAtOnce = 4;

export interface CredentialWatchParts {
  clock: Clock;
  /** The files of the account are not what they were when it was loaded. */
  onChanged(accountId: string): void;
  /** The mark of a file as it is now; never rejects. */
  markOf?: (path: string) => Promise<FileMark>;
}

/** Looks every few seconds whether the files that accounts were loaded from have changed, appeared or gone. */
export class CredentialWatch {
  readonly #clock: Clock;
  readonly #onChanged: (accountId: string) => void;
  readonly #markOf: (path: string) => Promise<FileMark>;
  /** As the accounts were loaded; the number of files of an account is bounded where they are read. */
  readonly #accounts = new Map<string, ReadonlyMap<string, FileMark>>();
  /** Files that differed at the last look, with what they were then. */
  #unsettled = new Map<string, FileMark>();
  #timer: Timer | undefined;
  #isStarted = false;

  constructor({ clock, onChanged, markOf = markOnDisk }: CredentialWatchParts) {
    this.#clock = clock;
    this.#onChanged = onChanged;
    this.#markOf = markOf;
  }

  /** Watches these files of the account, and no others. */
  set(accountId: string, marks: ReadonlyMap<string, FileMark>): void {
    if (marks.size === 0) this.#accounts.delete(accountId);
    else this.#accounts.set(accountId, marks);
    this.#plan(lookEveryMs);
  }

  forget(accountId: string): void {
    this.#accounts.delete(accountId);
  }

  start(): void {
    this.#isStarted = true;
    this.#plan(lookEveryMs);
  }

  stop(): void {
    this.#isStarted = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #plan(delayMs: number): void {
    if (!this.#isStarted || this.#timer !== undefined || this.#accounts.size === 0) return;
    this.#timer = this.#clock.after(delayMs, () => void this.#look());
  }

  /** The timer stands until the look is over: looks never overlap. */
  async #look(): Promise<void> {
    const paths = new Set<string>();
    for (const marks of this.#accounts.values()) for (const path of marks.keys()) paths.add(path);
    const seen = await this.#marksNow(paths);
    const unsettled = new Map<string, FileMark>();
    const changed: string[] = [];
    for (const [id, marks] of this.#accounts) {
      const differing = [...marks].filter(([path, mark]) => seen.has(path) && seen.get(path) !== mark);
      if (differing.length === 0) continue;
      const isSettled = differing.every(
        ([path]) => this.#unsettled.has(path) && this.#unsettled.get(path) === seen.get(path),
      );
      if (isSettled) changed.push(id);
      else for (const [path] of differing) unsettled.set(path, seen.get(path));
    }
    this.#unsettled = unsettled;
    this.#timer = undefined;
    if (!this.#isStarted) return;
    for (const id of changed) this.#onChanged(id);
    this.#plan(unsettled.size > 0 ? settleMs : lookEveryMs);
  }

  async #marksNow(paths: ReadonlySet<string>): Promise<Map<string, FileMark>> {
    const seen = new Map<string, FileMark>();
    const left = paths.values();
    const takeNext = async (): Promise<void> => {
      for (const path of left) seen.set(path, await this.#markOf(path));
    };
    await Promise.all(Array.from({ length: looksAtOnce }, takeNext));
    return seen;
  }
}

/** A file that cannot be looked at is as good as none: the account hears why when it is loaded. */
async function markOnDisk(path: string): Promise<FileMark> {
  return stat(path).then(fileMarkOf, () => undefined);
}

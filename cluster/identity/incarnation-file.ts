import { join } from 'node:path';
import { writeFileAtomic } from '../../kit/atomic-file.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import { identityFaults } from './faults.ts';
import { codeOf, readKept } from './kept-file.ts';

const fileName = 'incarnation';
const form = /^\d{1,16}\n?$/;

/**
 * The number that tells a node's starts, and its refutations, apart. It rises with every start also when the wall clock
 * went back, and when the file is lost also, as long as the clock did not.
 */
export class IncarnationFile {
  /** Of this start. */
  readonly first: number;
  readonly #path: string;
  readonly #log: Log;
  #newest: number;
  #writing: Promise<void> | undefined;

  private constructor(path: string, first: number, log: Log) {
    this.#path = path;
    this.first = first;
    this.#newest = first;
    this.#log = log;
  }

  /** Begins a start: its number is on disk before anybody hears it. Throws `identity_unusable`. */
  static async open(folder: string, clock: Clock, log: Log): Promise<IncarnationFile> {
    const path = join(folder, fileName);
    const kept = parseIncarnation(path, await readKept(path, unusable));
    const file = new IncarnationFile(path, Math.max(kept + 1, Math.floor(clock.nowMs())), log);
    await file.#write(file.first).catch((error: unknown) => {
      throw unusable(`${path}: cannot be written (${codeOf(error)})`, error);
    });
    return file;
  }

  /** Notes a higher one. Written in the background; of several that come meanwhile only the highest is. */
  raise(incarnation: number): void {
    if (incarnation <= this.#newest) return;
    this.#newest = incarnation;
    this.#writing ??= this.#writeNewest();
  }

  /** Resolves once all that was noted is on disk, or was found not to be writable. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #writeNewest(): Promise<void> {
    try {
      for (let written = -1; written < this.#newest;) {
        written = this.#newest;
        await this.#write(written);
      }
    } catch (error) {
      // The node goes on: after a restart its clock gives a higher number anyway, unless that goes back.
      this.#log.error(`${this.#path}: the incarnation cannot be kept`, { error });
    } finally {
      this.#writing = undefined;
    }
  }

  #write(incarnation: number): Promise<void> {
    return writeFileAtomic(this.#path, `${incarnation}\n`);
  }
}

function parseIncarnation(path: string, text: string | undefined): number {
  if (text === undefined) return 0;
  const kept = form.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(kept + 1)) return kept;
  throw unusable(`${path}: it holds no incarnation number; remove it`, undefined);
}

function unusable(message: string, cause: unknown) {
  return identityFaults.identity_unusable(message, { cause });
}

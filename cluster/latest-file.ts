import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../kit/atomic-file.ts';

type Done = (error?: unknown) => void;

/**
 * A file that is replaced as a whole (0600, synced), one write after another. Those who ask while one is under way share
 * the next: it holds what each of them wanted kept, since the content is taken when the write begins.
 */
export class LatestFile {
  readonly path: string;
  readonly #content: () => string;
  #waiting: Done[] = [];
  #writing: Promise<void> | undefined;

  constructor(path: string, content: () => string) {
    this.path = path;
    this.#content = content;
  }

  /** `done` once the content of now, or a later one, is on disk; or with the error. */
  save(done: Done): void {
    this.#waiting.push(done);
    this.#writing ??= this.#write();
  }

  /** Resolves once nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      const error = await this.#replace();
      for (const done of waiting) done(error);
    }
    this.#writing = undefined;
  }

  async #replace(): Promise<unknown> {
    try {
      await writeFileAtomic(this.path, this.#content());
      return undefined;
    } catch (error) {
      return error;
    }
  }
}

/** The text of a file; undefined when there is none. Rejects when it cannot be read. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

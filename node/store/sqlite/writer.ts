import type { PruneLimits, StoreBatch } from '../contract.ts';
import { moveAside } from '../database-file.ts';
import { isDamage } from '../sqlite-errors.ts';
import { pruneFile } from './prune-file.ts';
import { sentErrorOf } from './thread-messages.ts';
import { UsageFile } from './usage-file.ts';

/**
 * Keeps `usage.sqlite` open for writing. After an error the file is opened again for the next write, as the disk may be
 * well by then. One that is damaged is moved aside, and a new one begun.
 */
export class Writer {
  readonly #path: string;
  readonly #pause: () => Promise<void>;
  readonly #onMovedAside: (aside: string, error: unknown) => void;
  #file: UsageFile | undefined;
  /** One after the other, as opening takes several turns. */
  #opening: Promise<UsageFile> | undefined;

  constructor(path: string, pause: () => Promise<void>, onMovedAside: (aside: string, error: unknown) => void) {
    this.#path = path;
    this.#pause = pause;
    this.#onMovedAside = onMovedAside;
  }

  async open(nowMs: number): Promise<void> {
    await this.#opened(nowMs);
  }

  async write(batch: StoreBatch, nowMs: number): Promise<void> {
    await this.#attempt(nowMs, async (file) => file.write(batch, nowMs));
  }

  prune(limits: PruneLimits, nowMs: number): Promise<{ traces: number; usage: number; prompts: number }> {
    return this.#attempt(nowMs, async (file) => {
      const steps = pruneFile(file.database, limits, nowMs);
      for (;;) {
        const step = steps.next();
        if (step.done === true) return step.value;
        await this.#pause();
      }
    });
  }

  close(): void {
    const file = this.#file;
    this.#file = undefined;
    file?.close();
  }

  async #attempt<T>(nowMs: number, work: (file: UsageFile) => Promise<T>): Promise<T> {
    const file = await this.#opened(nowMs);
    try {
      return await work(file);
    } catch (error) {
      // While one waited, another may have had the same trouble and have opened the file again.
      if (sentErrorOf(error).code !== 'store_unavailable' || this.#file !== file) throw error;
      this.close();
      if (!isDamage(error)) throw error;
      this.#moveAside(nowMs, error);
      return work(await this.#opened(nowMs));
    }
  }

  async #opened(nowMs: number): Promise<UsageFile> {
    if (this.#file !== undefined) return this.#file;
    this.#opening ??= this.#openOrReplace(nowMs).finally(() => {
      this.#opening = undefined;
    });
    this.#file = await this.#opening;
    return this.#file;
  }

  async #openOrReplace(nowMs: number): Promise<UsageFile> {
    try {
      return await UsageFile.open(this.#path, nowMs);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#moveAside(nowMs, error);
      return UsageFile.open(this.#path, nowMs);
    }
  }

  #moveAside(nowMs: number, error: unknown): void {
    this.#onMovedAside(moveAside(this.#path, nowMs), error);
  }
}

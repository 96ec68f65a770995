import { access, constants, readFile, stat } from 'node:fs/promises';
import { writeFileAtomic } from '../../kit/atomic-file.ts';
import type { Log } from '../../kit/log.ts';
import { addIniModels } from '../config/ini-models.ts';
import { looksLikeIni } from '../config/ini.ts';
import type { ListedModel } from '../providers/contract.ts';

/** Names waiting to be written at most; an upstream that lists more has the others written another time. */
const waitingMax = 10_000;

/** A file that a person edits at the same moment is read again, so often. */
const attemptsMax = 3;

/** What some editors of Windows put before a text, read as Latin-1. */
const byteOrderMark = '\u00ef\u00bb\u00bf';

/**
 * Keeps the friendly names of discovered models in the `[MODELS]` section of the configuration file, where that is an
 * INI file: names that are new are added, everything else stays as a person wrote it.
 */
export class ModelsFile {
  readonly #path: string;
  readonly #log: Log;
  #waiting = new Map<string, string>();
  #writing: Promise<void> | undefined;
  /** One warning until it works again: a file that cannot be written is a choice, and discovery comes back to it. */
  #hasWarned = false;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  /** Takes what an account's upstream lists. Resolves when the file has it, or cannot have it; never rejects. */
  keep(models: readonly ListedModel[]): Promise<void> {
    for (const { id, aliases = [] } of models) {
      for (const name of aliases) {
        if (this.#waiting.size < waitingMax && !this.#waiting.has(name)) this.#waiting.set(name, id);
      }
    }
    if (this.#waiting.size === 0) return this.settled();
    return (this.#writing ??= this.#write().finally(() => (this.#writing = undefined)));
  }

  /** Resolves when nothing is being written. */
  settled(): Promise<void> {
    return this.#writing ?? Promise.resolve();
  }

  async #write(): Promise<void> {
    // Other accounts answer within the same moment: their names go into the same write.
    await undefined;
    while (this.#waiting.size > 0) {
      const names = this.#waiting;
      this.#waiting = new Map();
      try {
        await this.#add(names);
        this.#hasWarned = false;
      } catch (error) {
        this.#warn(error);
      }
    }
  }

  /** Bytes are read as Latin-1, which gives each of them back as it was, whatever the file's encoding is. */
  async #add(names: ReadonlyMap<string, string>): Promise<void> {
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const text = await readFile(this.#path, 'latin1');
      const start = text.startsWith(byteOrderMark) ? byteOrderMark.length : 0;
      const ini = text.slice(start);
      const added = looksLikeIni(ini) ? addIniModels(ini, names) : ini;
      if (added === ini) return;
      const mode = await this.#writableMode();
      if ((await readFile(this.#path, 'latin1')) !== text) continue;
      await writeFileAtomic(this.#path, Buffer.from(text.slice(0, start) + added, 'latin1'), { mode });
      this.#log.info(`names of new models were added to [MODELS] of ${this.#path}`, { file: this.#path });
      return;
    }
  }

  /** Throws for a file that its owner has closed: a rename would replace it all the same. */
  async #writableMode(): Promise<number> {
    await access(this.#path, constants.W_OK);
    const { mode } = await stat(this.#path);
    // The superuser may write to anything.
    if ((mode & 0o222) === 0) throw new Error('it is read-only');
    return mode & 0o7777;
  }

  #warn(error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String((error as Error).message);
    this.#log.warn(`the names of new models cannot be written to ${this.#path}: ${reason}`, { file: this.#path });
  }
}

import { mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../kit/log.ts';
import type { StoreBatch } from '../store/contract.ts';
import { damagedFilesMax, spillFileBytesMax } from './limits.ts';
import { decodeSpilled, encodeSpilled } from './spill-line.ts';

interface SpillFile {
  readonly path: string;
  bytes: number;
}

interface Appending {
  readonly file: SpillFile;
  readonly handle: FileHandle;
}

/** A file while its lines are read. */
interface Reading {
  readonly file: SpillFile;
  readonly content: Buffer;
  /** Where the line begins that is looked at, and where the next one does. */
  start: number;
  end: number;
  batch: StoreBatch | undefined;
  damagedLines: number;
}

export interface SpillFolderParts {
  readonly folder: string;
  readonly log: Log;
  /** Of all files together; may be changed while in use. */
  readonly bytesMax: () => number;
}

const fileForm = /^(\d{8})\.jsonl$/;
const lineEnd = 0x0a;

/**
 * Batches in files, `00000001.jsonl` on, a line of JSON each, in the order in which they came: appended to the newest,
 * read from the oldest, and a file is deleted once all of it was taken. Readable by the owner only. One that was
 * damaged is read as far as it goes and put aside. Every method but `load` rejects with what the disk says.
 */
export class SpillFolder {
  readonly #parts: SpillFolderParts;
  /** Oldest first; the one that is appended to is the last. */
  #files: SpillFile[] = [];
  #bytes = 0;
  #sequence = 0;
  #appending: Appending | undefined;
  #reading: Reading | undefined;
  /** One thing at a time: a file must not be deleted while it is opened to be appended to. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: SpillFolderParts) {
    this.#parts = parts;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  /** Finds what earlier processes left. A folder that cannot be read is told to the log and taken for empty. */
  async load(): Promise<void> {
    try {
      for (const name of await this.#names()) await this.#found(name);
    } catch (error) {
      this.#parts.log.error('What was spilled of traces earlier cannot be found.', {
        folder: this.#parts.folder,
        error,
      });
    }
  }

  /** Resolves false where there is no room for it. The bytes are with the operating system then, and on disk after `sync`. */
  append(batch: StoreBatch): Promise<boolean> {
    return this.#inTurn(() => this.#append(batch));
  }

  sync(): Promise<void> {
    return this.#inTurn(() => this.#sync());
  }

  /** The oldest batch; the same one until it is taken away. Undefined when there is none. */
  peek(): Promise<StoreBatch | undefined> {
    return this.#inTurn(() => this.#peek());
  }

  /** Takes the oldest batch away. */
  shift(): Promise<void> {
    return this.#inTurn(() => this.#shift());
  }

  /** Finishes the file that is appended to. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#closeAll());
  }

  /** The store will never take this one: it is kept for people, as a damaged file is. */
  putAside(batch: StoreBatch): Promise<void> {
    return this.#inTurn(() => this.#putAside(batch));
  }

  async #append(batch: StoreBatch): Promise<boolean> {
    const line = encodeSpilled(batch);
    if (this.#bytes + line.length > this.#parts.bytesMax()) return false;
    const { file, handle } = (this.#appending ??= await this.#begin());
    const before = file.bytes;
    try {
      await handle.appendFile(line);
    } catch (error) {
      // Half a line would be taken for damage. Where it cannot be cut off either, the next line goes to another file.
      await handle.truncate(before).catch(() => this.#close());
      throw error;
    }
    file.bytes += line.length;
    this.#bytes += line.length;
    if (file.bytes >= spillFileBytesMax) await this.#close();
    return true;
  }

  async #sync(): Promise<void> {
    await this.#appending?.handle.datasync();
  }

  async #peek(): Promise<StoreBatch | undefined> {
    while (this.#reading?.batch === undefined) {
      this.#reading ??= await this.#read();
      if (this.#reading === undefined) return undefined;
      if (!nextLine(this.#reading)) await this.#finish(this.#reading);
    }
    return this.#reading.batch;
  }

  async #shift(): Promise<void> {
    const reading = this.#reading;
    if (reading === undefined) return;
    reading.batch = undefined;
    if (!nextLine(reading)) await this.#finish(reading);
  }

  async #closeAll(): Promise<void> {
    await this.#sync();
    await this.#close();
  }

  async #putAside(batch: StoreBatch): Promise<void> {
    const path = join(this.#parts.folder, `${this.#nextName()}.refused`);
    await mkdir(this.#parts.folder, { recursive: true, mode: 0o700 });
    const handle = await open(path, 'wx', 0o600);
    await handle.appendFile(encodeSpilled(batch)).finally(() => handle.close());
    await this.#forgetOldest('.refused');
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#last.then(action);
    // Whoever asked hears of it; the next one only waits for its turn.
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #begin(): Promise<Appending> {
    const { folder } = this.#parts;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = { path: join(folder, `${this.#nextName()}.jsonl`), bytes: 0 };
    const handle = await open(file.path, 'ax', 0o600);
    this.#files.push(file);
    return { file, handle };
  }

  async #close(): Promise<void> {
    const appending = this.#appending;
    this.#appending = undefined;
    await appending?.handle.close();
  }

  async #read(): Promise<Reading | undefined> {
    const [file] = this.#files;
    if (file === undefined) return undefined;
    if (this.#appending?.file === file) await this.#close();
    const content = await this.#contentOf(file);
    return { file, content, start: 0, end: 0, batch: undefined, damagedLines: 0 };
  }

  /** A file that the disk does not give is passed over, or what comes after it would wait for ever. */
  async #contentOf({ path }: SpillFile): Promise<Buffer> {
    try {
      return await readFile(path);
    } catch (error) {
      this.#parts.log.error('A file of spilled traces cannot be read.', { path, error });
      // The line above tells of this disk; a file that stays where it is is tried again at the next start.
      await rename(path, `${path}.damaged`).catch(() => undefined);
      return Buffer.alloc(0);
    }
  }

  async #finish({ file, damagedLines }: Reading): Promise<void> {
    if (damagedLines > 0) await this.#moveAside(file, damagedLines);
    else await rm(file.path, { force: true });
    this.#reading = undefined;
    this.#files = this.#files.filter((each) => each !== file);
    this.#bytes -= file.bytes;
  }

  async #moveAside({ path }: SpillFile, damagedLines: number): Promise<void> {
    const aside = `${path}.damaged`;
    this.#parts.log.error('Spilled traces cannot be read; the rest of their file was taken over.', {
      aside,
      damagedLines,
    });
    await rename(path, aside);
    await this.#forgetOldest('.damaged');
  }

  async #forgetOldest(ending: string): Promise<void> {
    const { folder } = this.#parts;
    const kept = (await readdir(folder)).filter((name) => name.endsWith(ending)).toSorted();
    for (const name of kept.slice(0, -damagedFilesMax)) await rm(join(folder, name), { force: true });
  }

  async #names(): Promise<string[]> {
    try {
      return (await readdir(this.#parts.folder)).toSorted();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  async #found(name: string): Promise<void> {
    const sequence = Number(/^(\d{8})\./.exec(name)?.[1] ?? 0);
    this.#sequence = Math.max(this.#sequence, sequence);
    if (!fileForm.test(name)) return;
    const path = join(this.#parts.folder, name);
    const { size } = await stat(path);
    this.#files.push({ path, bytes: size });
    this.#bytes += size;
  }

  #nextName(): string {
    return String(++this.#sequence).padStart(8, '0');
  }
}

/** Goes on to the next line that holds a batch; false at the end. */
function nextLine(reading: Reading): boolean {
  const { content } = reading;
  while (reading.end < content.length) {
    reading.start = reading.end;
    const end = content.indexOf(lineEnd, reading.start);
    reading.end = end < 0 ? content.length : end + 1;
    // A line without its end was being written when its process died.
    reading.batch = end < 0 ? undefined : decodeSpilled(content.toString('utf8', reading.start, end));
    if (reading.batch !== undefined) return true;
    reading.damagedLines++;
  }
  return false;
}

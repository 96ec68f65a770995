import { randomBytes } from 'node:crypto';
import * as disk from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What of the file system is used. */
export type AtomicFileSystem = Pick<typeof disk, 'link' | 'mkdir' | 'open' | 'realpath' | 'rename' | 'rm'>;

export interface AtomicFileOptions {
  /** Permission bits of the new file; 0600, since most of what is kept is secret. */
  mode?: number;
  /** Node's own unless given. */
  fileSystem?: AtomicFileSystem;
}

/**
 * Replaces a file so that a reader, also after a power cut, finds the old content or the new and never a part: a
 * temporary file in the same folder, fsync, rename, fsync of the folder. A symbolic link is followed, not replaced.
 * Missing folders are made with 0700.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  options: AtomicFileOptions = {},
): Promise<void> {
  const files = options.fileSystem ?? disk;
  const target = await followLink(path, files);
  await withTemporary(target, content, options, (temporary) => files.rename(temporary, target));
}

/**
 * As `writeFileAtomic`, but the first writer wins: answers false, and changes nothing, when the file exists already.
 * `link` refuses an existing name, `rename` would replace it.
 */
export async function createFileAtomic(
  path: string,
  content: string | Uint8Array,
  options: AtomicFileOptions = {},
): Promise<boolean> {
  const { link, rm } = options.fileSystem ?? disk;
  let isCreated = true;
  await withTemporary(path, content, options, async (temporary) => {
    try {
      await link(temporary, path);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
      isCreated = false;
    }
    await rm(temporary);
  });
  return isCreated;
}

async function withTemporary(
  target: string,
  content: string | Uint8Array,
  options: AtomicFileOptions,
  publish: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(target);
  const files = options.fileSystem ?? disk;
  await files.mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, temporaryName(basename(target), process.pid, randomBytes(6).toString('hex')));
  try {
    await writeDurably(temporary, content, options);
    await publish(temporary);
  } catch (error) {
    // What made the write fail is the news; a file that stays is taken away by who finds it later.
    await files.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder, files);
}

/** Name of the file that is written before it takes the place of `name`. */
export function temporaryName(name: string, pid: number, mark: string): string {
  return `.${name}.${pid}.${mark}.tmp`;
}

async function writeDurably(
  path: string,
  content: string | Uint8Array,
  { mode = 0o600, fileSystem = disk }: AtomicFileOptions,
): Promise<void> {
  const file = await fileSystem.open(path, 'wx', mode);
  try {
    await file.writeFile(content);
    // The umask may have taken bits that the caller asked for.
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The file itself where `path` is a symbolic link to it. */
export async function followLink(
  path: string,
  { realpath }: Pick<AtomicFileSystem, 'realpath'> = disk,
): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return path;
    throw error;
  }
}

/** Makes the rename itself durable. Windows cannot open a folder, and needs no such call. */
async function syncFolder(folder: string, { open }: AtomicFileSystem): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

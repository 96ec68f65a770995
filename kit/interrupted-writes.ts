import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { followLink, temporaryName } from './atomic-file.ts';

/** A crash leaves one file; more than these are not looked at, and go with the next look. */
const foundMax = 32;

/** A file that a write of `writeFileAtomic` left beside its target. */
export interface InterruptedWrite {
  readonly path: string;
  /** False while its writer may still be at it. */
  readonly isOver: boolean;
}

/** The temporary files of writes to `path` that have not become it: those of processes that died, or are writing now. */
export async function interruptedWrites(path: string): Promise<InterruptedWrite[]> {
  const target = await followLink(path);
  const folder = dirname(target);
  const names = await namesIn(folder);
  const found = names.flatMap((name) => {
    const pid = writerOf(name, basename(target));
    return pid === undefined ? [] : [{ path: join(folder, name), pid }];
  });
  return Promise.all(
    found.slice(0, foundMax).map(async (each) => ({ path: each.path, isOver: await isOver(each.path, each.pid) })),
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function writerOf(name: string, target: string): number | undefined {
  if (!name.startsWith(`.${target}.`)) return undefined;
  const [, pid = '', mark = ''] = /^\.(\d{1,10})\.([0-9a-f]{12})\.tmp$/.exec(name.slice(target.length + 1)) ?? [];
  return pid !== '' && name === temporaryName(target, Number(pid), mark) ? Number(pid) : undefined;
}

/** In a container every process has the same id as the one before it: then the time of the file tells. */
async function isOver(path: string, pid: number): Promise<boolean> {
  if (pid !== process.pid) return !isRunning(pid);
  // A file whose time cannot be read is left alone: it may be gone already.
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
  return mtimeMs < performance.timeOrigin;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Which cores the two sides run on; undefined where they cannot be held to one. */
export interface Cores {
  readonly target: number | undefined;
  readonly load: number | undefined;
  /** Why not, in words for the report. */
  readonly unpinned: string | undefined;
}

/** The first allowed core is the target's, the last the load side's. Needs `taskset` (util-linux) and two cores. */
export function chooseCores(): Cores {
  const allowed = allowedCores();
  const missing = spawnSync('taskset', ['--version']).error !== undefined;
  if (missing) return { target: undefined, load: undefined, unpinned: 'taskset is not installed (util-linux)' };
  if (allowed.length < 2) return { target: undefined, load: undefined, unpinned: 'there is only one core' };
  return { target: allowed[0], load: allowed.at(-1), unpinned: undefined };
}

/** The command line that runs `command` on one core. */
export function onCore(core: number | undefined, command: readonly string[]): string[] {
  return core === undefined ? [...command] : ['taskset', '-c', String(core), ...command];
}

function allowedCores(): number[] {
  const status = readProc('/proc/self/status');
  const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((part) => {
    const [first = NaN, last = first] = part.split('-').map(Number);
    return Number.isNaN(first) ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** A file under /proc, or nothing: on other systems and for processes that have just ended. */
export function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';

/** TypeScript in a checkout, JavaScript where the package is built. */
const guardFile = join(import.meta.dirname, `guard${extname(import.meta.filename)}`);

export interface GuardOptions {
  /** Removed in the end. */
  folder: string;
  /** Run until then. */
  program?: { path: string; args: readonly string[] };
  /** What the program writes to stderr. */
  onText?: (text: string) => void;
  /** It ended, or could not be started. */
  onEnded?: () => void;
}

export interface Guard {
  /** Ends the program, removes the folder. */
  close(): Promise<void>;
}

/** A process that cleans up after this one, even when this one is killed; in a group of its own, out of Ctrl-C's way. */
export function startGuard({ folder, program, onText, onEnded }: GuardOptions): Guard {
  const child = fork(guardFile, [folder, ...(program === undefined ? [] : [program.path, ...program.args])], {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  // Not `close`, which a channel that is closed from this side never leads to.
  const exited = once(child, 'exit');
  child.stderr?.setEncoding('utf8').on('data', (text: string) => onText?.(text));
  child.on('message', () => onEnded?.());
  return {
    async close() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

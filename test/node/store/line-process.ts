import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface LineProcess {
  readonly child: ChildProcess;
  /** Its code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** The next line that begins so. */
  said(beginning: string): Promise<string>;
}

/** Starts a script under `sh`, after what `shell` sets for it, and reads what it says. */
export function startLineProcess(script: string, args: readonly string[], shell = ''): LineProcess {
  const child = spawn('sh', ['-c', `${shell} exec "$0" "$@"`, process.execPath, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })[Symbol.asyncIterator]();
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  );
  const said = async (beginning: string): Promise<string> => {
    for (;;) {
      const { value, done } = await output.next();
      if (done === true) throw new Error(`The process ended before it said ${beginning}.`);
      if (value.startsWith(beginning)) return value;
    }
  };
  return { child, ended, said };
}

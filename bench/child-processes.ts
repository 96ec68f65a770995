import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { onCore } from './cores.ts';

export interface ChildOrder {
  readonly command: readonly string[];
  readonly core: number | undefined;
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Opens a channel for `process.send`. */
  readonly ipc?: boolean;
}

/** Time between asking a process to end and ending it; writing a CPU profile takes seconds. */
const patienceMs = 10_000;

/** Every process that the bench starts, so that each is ended by its id, whatever way the bench itself ends. */
export class ChildProcesses {
  readonly #running = new Set<ChildProcess>();

  constructor() {
    process.on('exit', () => this.killAll());
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
  }

  start(order: ChildOrder): ChildProcess {
    const [program = '', ...args] = onCore(order.core, order.command);
    const log = openSync(order.logFile, 'a');
    const child = spawn(program, args, {
      stdio: order.ipc ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
      env: { ...process.env, ...order.env },
      cwd: order.cwd,
    });
    closeSync(log);
    this.#running.add(child);
    child.on('error', () => this.#running.delete(child));
    child.on('exit', () => this.#running.delete(child));
    return child;
  }

  /** Asks it to end, waits, and ends it if it does not. */
  async stop(child: ChildProcess): Promise<void> {
    if (!this.#running.has(child)) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await ended;
    clearTimeout(timer);
  }

  killAll(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }
}

/** Rejects when the process ends before `wait` has settled. */
export async function unlessEnded<T>(child: ChildProcess, wait: Promise<T>): Promise<T> {
  const listening = new AbortController();
  const ended = new Promise<never>((_, reject) => {
    const onError = (error: Error) => reject(error);
    const onExit = (code: number | null, signal: string | null) => {
      reject(new Error(`it ended (${signal ?? `exit code ${code}`})`));
    };
    child.once('error', onError).once('exit', onExit);
    listening.signal.addEventListener('abort', () => child.off('error', onError).off('exit', onExit));
  });
  try {
    return await Promise.race([wait, ended]);
  } finally {
    listening.abort();
  }
}

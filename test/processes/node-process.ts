import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compiledFolder } from '../run/compiled-folder.ts';

export const processKey = 'sk-aiproxy-process';

/** A node as people run it: a process of its own, with its own folder. */
export interface NodeProcess {
  readonly url: string;
  readonly key: string;
  readonly pid: number;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal's name, once it is gone. */
  readonly exited: Promise<number | string>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** SIGTERM, then SIGKILL after `graceMs`; removes its folder. Answers what `exited` does. */
  stop(graceMs?: number): Promise<number | string>;
}

export interface NodeProcessOptions {
  args?: readonly string[];
  env?: Record<string, string>;
  /** How long it may take to listen, milliseconds; far above the 1.5 s that it should take. */
  startMs?: number;
  /** Absent: any free one. */
  port?: number;
  /** Shared by several nodes or kept over a restart; absent: one of its own, removed with it. */
  dataDir?: string;
}

const root = resolve(import.meta.dirname, '../..');

/** Starts `aiproxy start` with these settings (as in the YAML file) on a free port and waits until it listens. */
export async function startNodeProcess(
  settings: Record<string, unknown>,
  options: NodeProcessOptions = {},
): Promise<NodeProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'aiproxy-process-'));
  const file = join(folder, 'aiproxy.yaml');
  await writeFile(file, JSON.stringify({ host: '127.0.0.1', api_key: processKey, ...settings }));
  const args = ['--config', file, '--port', String(options.port ?? 0), ...(options.args ?? [])];
  args.push('--data-dir', options.dataDir ?? join(folder, 'data'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 20 });
  return startAsTyped(args, { ...options, home: folder, remove });
}

export interface TypedOptions {
  /** The person's home, and where they are. */
  home: string;
  env?: Record<string, string> | undefined;
  startMs?: number | undefined;
  /** Called once the process is gone. */
  remove?: () => Promise<void>;
}

/** Starts `aiproxy start` with exactly these arguments (and `--json`) and waits until it listens. */
export async function startAsTyped(args: readonly string[], options: TypedOptions): Promise<NodeProcess> {
  const { home, env = {}, startMs = 30_000, remove } = options;
  const child = spawn(process.execPath, [join(root, 'cli/main.ts'), 'start', '--json', ...args], {
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, XDG_CACHE_HOME: compiledFolder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = collect(child);
  const exited = new Promise<number | string>((done) =>
    child.once('exit', (code, signal) => done(code ?? signal ?? -1)),
  );
  const cleaned = exited.finally(remove);
  const { url, api_key: key = processKey } = await listening(child, written, startMs);
  return {
    url,
    key,
    pid: child.pid ?? 0,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    signal: (signal) => void child.kill(signal),
    exited,
    fetch: (path, init = {}) =>
      fetch(url + path, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } }),
    async stop(graceMs = 10_000) {
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      child.kill('SIGTERM');
      const outcome = await cleaned;
      clearTimeout(timer);
      return outcome;
    },
  };
}

interface Written {
  stdout: string;
  stderr: string;
  onLine: () => void;
}

function collect(child: ChildProcess): Written {
  const written: Written = { stdout: '', stderr: '', onLine: () => undefined };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    written.stdout += text;
    written.onLine();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    written.stderr += text;
  });
  return written;
}

/** The banner, one line of JSON. Rejects when the process ends or is silent for too long, and leaves none behind. */
function listening(child: ChildProcess, written: Written, startMs: number): Promise<{ url: string; api_key?: string }> {
  return new Promise((done, fail) => {
    const give = (reason: string) => {
      child.kill('SIGKILL');
      fail(new Error(`the node did not start: ${reason}\n${written.stdout}${written.stderr}`));
    };
    const timer = setTimeout(() => give(`nothing after ${startMs} ms`), startMs);
    const onExit = (code: number | null) => give(`it exited with ${code}`);
    // After `exit`, and after the last of what it wrote.
    child.once('close', onExit);
    written.onLine = () => {
      const line = written.stdout.split('\n').find((text) => text.startsWith('{') && text.endsWith('}'));
      if (line === undefined) return;
      clearTimeout(timer);
      child.off('close', onExit);
      written.onLine = () => undefined;
      done(JSON.parse(line) as { url: string; api_key?: string });
    };
  });
}

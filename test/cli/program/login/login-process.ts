import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { compiledFolder } from '../../../run/compiled-folder.ts';

const main = resolve(import.meta.dirname, '../../../../cli/main.ts');

/** `aiproxy login` as people run it in a pipe: nobody can type anything. */
export interface LoginProcess {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves once stderr has a match; gives its first group. */
  said(pattern: RegExp): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** The exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
}

export function startLogin(args: readonly string[], home: string): LoginProcess {
  const child = spawn(process.execPath, [main, 'login', ...args], {
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', HOME: home, XDG_CACHE_HOME: compiledFolder },
    // An open pipe that never says anything: a program that reads from it would hang.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return new Running(child);
}

class Running implements LoginProcess {
  readonly exited: Promise<number | string>;
  readonly #child: ChildProcess;
  readonly #waiting: (() => void)[] = [];
  #out = '';
  #err = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#err += text;
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.exited = new Promise((done) => child.once('close', (code, signal) => done(code ?? signal ?? -1)));
  }

  stdout = (): string => this.#out;
  stderr = (): string => this.#err;

  async said(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.#err);
      if (match !== null) return match[1] ?? match[0];
      const isOver = await Promise.race([
        this.exited.then(() => true),
        new Promise<boolean>((done) => this.#waiting.push(() => done(false))),
      ]);
      if (isOver && !pattern.test(this.#err)) throw new Error(`it ended without saying ${pattern}: ${this.#err}`);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** The program's file, for shells. */
export const programFile = resolve(import.meta.dirname, '../../cli/main.ts');

export interface Ran {
  code: number;
  out: string;
  err: string;
}

export interface ProgramPlace {
  cwd: string;
  home: string;
  env?: Readonly<Record<string, string>>;
  /** What comes over the standard input. */
  input?: string;
}

/** Runs `aiproxy` as people do, in a process of its own, to its end. */
export function runProgram(args: readonly string[], { cwd, home, env, input = '' }: ProgramPlace): Promise<Ran> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [programFile, ...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env },
    });
    const ran: Ran = { code: -1, out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (ran.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (ran.err += text));
    child.once('error', fail);
    child.once('close', (code) => done({ ...ran, code: code ?? -1 }));
    child.stdin.end(input);
  });
}

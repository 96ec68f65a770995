import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Terminal } from '../terminal.ts';
import { entryFile } from './entry.ts';

/** Has another process read the settings, since a supervisor loads no part of a node. Answers what is wrong, a line each. */
export async function complaintsAbout(args: readonly string[], terminal: Terminal): Promise<string[]> {
  const child = spawn(process.execPath, [entryFile, 'config', 'show', ...args], {
    cwd: terminal.cwd,
    env: terminal.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const code = await endOf(child);
  if (code === 0) return [];
  // No processes left, or a folder that is gone: no reason for the nodes that run to end.
  if (code instanceof Error) return [`the settings cannot be checked: ${code.message}`];
  return text === '' ? [`the check of the settings ended with ${code}`] : text.trimEnd().split('\n');
}

/** The exit code, null after a signal, or why there is no process. */
async function endOf(child: ChildProcess): Promise<number | null | Error> {
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

import { spawn } from 'node:child_process';
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
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return [];
  return text === '' ? [`the check of the settings ended with ${code}`] : text.trimEnd().split('\n');
}

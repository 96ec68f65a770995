/**
 * A process that outlives the demo by a moment: runs a program for it (nginx), and once the demo is gone, however it
 * went, ends the program and removes the demo's folder. Arguments: the folder, then the program with its own ones.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';

const [folder = '', program, ...args] = process.argv.slice(2);

const child = program === undefined ? undefined : spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
child?.once('error', tell);
child?.once('exit', tell);

// A signal to all processes of the terminal is for the demo to act on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
if (process.connected) process.once('disconnect', () => void cleanUp());
else await cleanUp();

function tell(): void {
  if (process.connected) process.send?.('ended');
}

async function cleanUp(): Promise<void> {
  if (child !== undefined && isRunning(child)) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  // Nodes that lost the demo in the same moment may still write.
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

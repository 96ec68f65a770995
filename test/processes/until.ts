import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 20;

/** Waits for what another process does, looking again and again; the test's own time limit ends it. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await sleep(pollMs);
}

/** Whether a process of this id is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

import { readdirSync } from 'node:fs';
import { readProc } from './cores.ts';

/** CPU time of these processes since they started, all threads, in seconds; nanosecond counts of the scheduler. */
export function cpuSecondsOf(pids: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const thread of threadsOf(pid)) {
      nanoseconds += Number.parseInt(readProc(`/proc/${pid}/task/${thread}/schedstat`), 10) || 0;
    }
  }
  return nanoseconds / 1e9;
}

/** Resident memory of these processes together, in megabytes (VmRSS). */
export function residentMegabytesOf(pids: readonly number[]): number {
  let kilobytes = 0;
  for (const pid of pids) kilobytes += Number(/^VmRSS:\s*(\d+) kB/m.exec(readProc(`/proc/${pid}/status`))?.[1] ?? 0);
  return kilobytes / 1024;
}

/** Seconds that a core has been busy since the machine started, for whomever. Hundredths: clock ticks. */
export function busySecondsOf(core: number): number {
  const line = new RegExp(`^cpu${core} (.+)$`, 'm').exec(readProc('/proc/stat'))?.[1] ?? '';
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(' ').map(Number);
  return (user + nice + system + irq + softirq + steal) / 100;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

import type { Clock } from '../../../kit/clock.ts';

export interface Awaited {
  clock: Clock;
  signal: AbortSignal;
  isSo: () => Promise<boolean> | boolean;
  /** For the error. */
  what: string;
  /** From when it is counted; absent: now. */
  beganMs?: number;
}

/** Nodes do not tell what they learn of each other; they are asked. */
const pollMs = 5;
/** Far above what is promised: a machine may be busy. */
const boundMs = 60_000;

/** Asks until it is so, and answers after how many milliseconds; rejects after a minute. */
export async function until({ clock, signal, isSo, what, beganMs = clock.monotonicMs() }: Awaited): Promise<number> {
  while (!(await isSo())) {
    if (clock.monotonicMs() - beganMs > boundMs) throw new Error(`not within ${boundMs / 1_000} s: ${what}`);
    await clock.sleep(pollMs, signal);
  }
  return clock.monotonicMs() - beganMs;
}

import type { Clock } from './clock.ts';

/**
 * What `promise` comes to, failures included; undefined when that takes longer than `limitMs`. It is not stopped then,
 * and nobody hears how it ends. No timer stays behind.
 */
export async function inTime<Value>(
  promise: Promise<Value>,
  limitMs: number,
  clock: Pick<Clock, 'sleep'>,
): Promise<Value | undefined> {
  const over = new AbortController();
  // The only failure of a sleep is the abort below, after which nobody waits for it.
  const tooLate = clock.sleep(limitMs, over.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    over.abort();
  }
}

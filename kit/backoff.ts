import type { Random } from './random.ts';

export interface BackoffOptions {
  /** Upper bound of the first delay. */
  baseMs: number;
  /** Upper bound of any delay. */
  capMs: number;
}

/**
 * Delay before repetition number `attempt` (0 for the first), with full jitter: uniform in [0, min(cap, base * 2^attempt)).
 * Full jitter spreads a crowd of clients best (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export function backoffMs(attempt: number, options: BackoffOptions, random: Random): number {
  return random.next() * backoffCeilingMs(attempt, options);
}

/** The same without jitter: base, 2 base, 4 base … cap. */
export function backoffCeilingMs(attempt: number, options: BackoffOptions): number {
  return Math.min(options.capMs, options.baseMs * 2 ** Math.max(0, attempt));
}

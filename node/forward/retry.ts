import { backoffMs, type BackoffOptions } from '../../kit/backoff.ts';
import type { Fault } from '../../kit/fault.ts';
import type { Call } from './call.ts';
import type { ForwardDependencies, ForwardOptions } from './contract.ts';

// The next attempt goes to another account, so there is nothing to wait out; the jitter only keeps the requests that
// one dying account drops from arriving at the next one in the same millisecond.
const delays: BackoffOptions = { baseMs: 25, capMs: 1000 };

/**
 * How long to wait before the next attempt; 0 for at once, undefined for no further attempt: the fault forbids it,
 * the attempts are used up, or so many requests fail already that retries would multiply the outage.
 */
export function retryDelayMs(
  call: Call,
  fault: Fault,
  deps: ForwardDependencies,
  options: ForwardOptions,
): number | undefined {
  const attempts = call.attempts - call.revisions;
  if (fault.retry === 'never' || attempts > options.retryAttempts) return undefined;
  if (!deps.retryBudget.take()) return undefined;
  if (fault.retry === 'reused-socket') return 0;
  return Math.ceil(backoffMs(attempts - 1, delays, deps.random));
}

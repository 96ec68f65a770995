import type { Fault } from '../../kit/fault.ts';

/**
 * Headers that tell SDKs whether to repeat a failed request, as a flat list. The SDKs of OpenAI and Anthropic repeat
 * 408, 409, 429 and 5xx on their own and obey `retry-after` and `x-should-retry`; where no waiting time is known, the
 * accounts are exhausted and a repetition would only multiply the load.
 */
export function retryHints(fault: Fault): string[] {
  const seconds = retryAfterSeconds(fault);
  if (seconds !== undefined) return ['retry-after', String(seconds)];
  return fault.status >= 500 ? ['x-should-retry', 'false'] : [];
}

/** Whole seconds, rounded up so that a client never comes too early. */
export function retryAfterSeconds(fault: Fault): number | undefined {
  return fault.retryAfterMs === undefined ? undefined : Math.max(0, Math.ceil(fault.retryAfterMs / 1000));
}

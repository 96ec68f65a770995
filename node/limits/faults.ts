import { defineFaults } from '../../kit/fault.ts';

/** Codes of limits that a key has reached. Listed in docs/errors.md. */
export const limitFaultSpecs = {
  rate_limited: {
    source: 'client',
    retry: 'after',
    status: 429,
    summary: 'The key has used its requests or tokens of the minute; Retry-After says when there is room again.',
  },
  too_many_concurrent: {
    source: 'client',
    retry: 'after',
    status: 429,
    summary: 'The key has as many requests under way as it may have at a time.',
  },
  budget_spent: {
    source: 'client',
    retry: 'after',
    status: 429,
    summary:
      'The key has spent its tokens or cost of the day or month (UTC); Retry-After says when the next one begins.',
  },
} as const;

export const limitFaults = defineFaults(limitFaultSpecs);

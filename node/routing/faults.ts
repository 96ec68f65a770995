import { defineFaults } from '../../kit/fault.ts';

/** Codes that routing can raise. Listed in docs/errors.md. */
export const routingFaultSpecs = {
  unknown_model: {
    source: 'client',
    retry: 'never',
    status: 404,
    summary: 'No account knows the requested model; the message lists the nearest names.',
  },
  unknown_strategy: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'The load balancing algorithm is not one of those there are.',
  },
  unknown_group: {
    source: 'client',
    retry: 'never',
    status: 404,
    summary: 'There is no group of this name.',
  },
  too_many_groups: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'The node holds as many groups as it may.',
  },
  out_of_scope: {
    source: 'client',
    retry: 'never',
    status: 403,
    summary: 'There are accounts for the request, but none among those and of those providers that the key may use.',
  },
  no_available_accounts: {
    source: 'node',
    retry: 'after',
    status: 503,
    summary: 'No account can serve the request now: there is none, or all are disabled or have an open breaker.',
  },
  all_accounts_resting: {
    source: 'upstream',
    retry: 'after',
    status: 429,
    summary: 'Every account that could serve the request rests after a 429; Retry-After says when the first returns.',
  },
  queue_full: {
    source: 'node',
    retry: 'after',
    status: 429,
    summary: 'All places are taken and as many requests wait as may; Retry-After estimates when there is room.',
  },
  queue_timeout: {
    source: 'node',
    retry: 'after',
    status: 429,
    summary: 'The request waited as long as it may without a place becoming free.',
  },
} as const;

export const routingFaults = defineFaults(routingFaultSpecs);

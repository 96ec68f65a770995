import { defineFaults } from '../../kit/fault.ts';

/** Codes of the cache. Listed in docs/errors.md. */
export const cacheFaultSpecs = {
  cache_message_malformed: {
    source: 'peer',
    retry: 'never',
    status: 502,
    summary:
      'A member sent a message about the cache of answers that cannot be read; it is counted against the member.',
  },
} as const;

export const cacheFaults = defineFaults(cacheFaultSpecs);

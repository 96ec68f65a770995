import { defineFaults } from '../../kit/fault.ts';

/** Codes of limits that hold for the whole cluster. Listed in docs/errors.md. */
export const quotaFaultSpecs = {
  bad_quota_message: {
    source: 'peer',
    retry: 'never',
    status: 500,
    summary: 'A member sent a message about units of a limit that is malformed or out of bounds; it was ignored.',
  },
} as const;

export const quotaFaults = defineFaults(quotaFaultSpecs);

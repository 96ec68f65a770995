import { defineFaults } from '../../kit/fault.ts';

/** Codes of what all must keep. Listed in docs/errors.md. */
export const recordFaultSpecs = {
  record_malformed: {
    source: 'peer',
    retry: 'never',
    status: 502,
    summary: 'A member sent a record, or a question about records, in a form or size that no member of ours sends.',
  },
  record_refused: {
    source: 'node',
    retry: 'never',
    status: 500,
    summary:
      'A record cannot be kept: its table or id is too long, its payload too large, or of a kind that cannot travel.',
  },
  record_table_full: {
    source: 'node',
    retry: 'never',
    status: 507,
    summary: 'A table of records, or the number of tables, has reached its bound.',
  },
} as const;

export const recordFaults = defineFaults(recordFaultSpecs);

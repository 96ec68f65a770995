import { defineFaults } from '../../kit/fault.ts';

/** Codes of what is kept on disk. Listed in docs/errors.md. */
export const storeFaultSpecs = {
  record_store_in_use: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'Another process has the data folder open; two nodes cannot share one.',
  },
  record_store_newer: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The data folder was written by a newer version, which this one cannot read without losing something.',
  },
  record_store_closed: {
    source: 'node',
    retry: 'never',
    status: 500,
    summary: 'Something was to be kept on disk after the store had been closed.',
  },
} as const;

export const storeFaults = defineFaults(storeFaultSpecs);

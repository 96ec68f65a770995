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
    summary: 'Something was to be kept on disk, or copied from it, after the store had been closed.',
  },
  store_unavailable: {
    source: 'node',
    retry: 'after',
    status: 503,
    summary:
      'The store of traces and usage cannot be reached, or its disk is full or broken; requests go on without it.',
  },
  store_url_invalid: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The URL of the PostgreSQL server cannot be read, or a file that it names.',
  },
  store_batch_refused: {
    source: 'node',
    retry: 'never',
    status: 500,
    summary: 'Traces or usage that were to be stored are not what the store can keep; repeating it changes nothing.',
  },
  store_question_slow: {
    source: 'client',
    retry: 'never',
    status: 422,
    summary: 'A question to the store of traces and usage took too long; one for a shorter time or a key takes less.',
  },
  store_closed: {
    source: 'node',
    retry: 'never',
    status: 503,
    summary: 'The store of traces and usage was asked for something after it had been closed.',
  },
  usage_store_newer: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The store of traces and usage was written by a newer version, which this one cannot read.',
  },
  migration_changed: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The store of traces and usage was made by migrations that are not those of this version.',
  },
  backup_exists: {
    source: 'client',
    retry: 'never',
    status: 409,
    summary: 'A backup was to be written to a file that exists already.',
  },
  backup_damaged: {
    source: 'node',
    retry: 'never',
    status: 500,
    summary: 'A backup is not a sound database: what it was copied from is damaged, or the copy is.',
  },
} as const;

export const storeFaults = defineFaults(storeFaultSpecs);

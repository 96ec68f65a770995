import { defineFaults } from '../../kit/fault.ts';

export const assemblyFaultSpecs = {
  credential_file_unusable: {
    source: 'config',
    retry: 'never',
    status: 503,
    summary:
      'A file that an account takes its credential from is missing, cannot be read, is too large or is not a file; the message names the field and the file.',
  },
} as const;

export const assemblyFaults = defineFaults(assemblyFaultSpecs);

import { defineFaults } from '../../../kit/fault.ts';

export const kiroFaultSpecs = {
  kiro_credentials_unusable: {
    source: 'config',
    retry: 'never',
    status: 503,
    summary:
      'The credentials of a kiro-api account can be read but hold no login that can be used; the message names the field, the file and what is missing.',
  },
} as const;

export const kiroFaults = defineFaults(kiroFaultSpecs);

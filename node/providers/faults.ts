import { defineFaults } from '../../kit/fault.ts';

export const providerFaultSpecs = {
  provider_unavailable: {
    source: 'config',
    retry: 'never',
    status: 503,
    summary: 'The account belongs to a provider whose settings are read but which this version does not serve.',
  },
  credential_unusable: {
    source: 'config',
    retry: 'never',
    status: 503,
    summary:
      "What an account's credential names cannot be used (a file of another form, a key that does not parse); the message names the field.",
  },
  login_failed: {
    source: 'upstream',
    retry: 'never',
    status: 502,
    summary: 'A login on the command line did not succeed; the message says why and what to do.',
  },
} as const;

export const providerFaults = defineFaults(providerFaultSpecs);

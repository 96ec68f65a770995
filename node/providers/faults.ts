import { defineFaults } from '../../kit/fault.ts';

export const providerFaultSpecs = {
  provider_unavailable: {
    source: 'config',
    retry: 'never',
    status: 503,
    summary: 'The account belongs to a provider whose settings are read but which this version does not serve.',
  },
} as const;

export const providerFaults = defineFaults(providerFaultSpecs);

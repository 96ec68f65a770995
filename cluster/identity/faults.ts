import { defineFaults } from '../../kit/fault.ts';

export const identityFaultSpecs = {
  identity_unusable: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: "A file that holds the node's identity in the mesh cannot be read, written or understood.",
  },
} as const;

export const identityFaults = defineFaults(identityFaultSpecs);

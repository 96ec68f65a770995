import { defineFaults } from '../../kit/fault.ts';

export const clusterSecretFaultSpecs = {
  cluster_secret_missing: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The node would join a mesh beyond this machine and was given no cluster secret.',
  },
  cluster_secret_weak: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The cluster secret is too short or too regular; whoever guesses it is a member.',
  },
  cluster_secret_unusable: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'A file in which the node keeps a secret of its own cannot be read, written or understood.',
  },
} as const;

export const clusterSecretFaults = defineFaults(clusterSecretFaultSpecs);

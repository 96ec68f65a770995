import { defineFaults } from '../../kit/fault.ts';

/** Codes about what a peer sent. Listed in docs/errors.md. */
export const postFaultSpecs = {
  peer_message_malformed: {
    source: 'peer',
    retry: 'never',
    status: 502,
    summary: 'A member of the mesh sent a message that cannot be read; past a bound its connection is closed.',
  },
  peer_version_unknown: {
    source: 'peer',
    retry: 'never',
    status: 502,
    summary: 'A member of the mesh sent a frame in an encoding that this version does not know; it is passed over.',
  },
} as const;

export const postFaults = defineFaults(postFaultSpecs);

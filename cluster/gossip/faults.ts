import { defineFaults } from '../../kit/fault.ts';

/** Codes of what a node says of itself. Listed in docs/errors.md. */
export const gossipFaultSpecs = {
  gossip_malformed: {
    source: 'peer',
    retry: 'never',
    status: 502,
    summary: 'A member sent state in a form, or of a size or version, that no member of ours sends.',
  },
  gossip_value_refused: {
    source: 'node',
    retry: 'never',
    status: 500,
    summary:
      'What this node would say of itself cannot be sent: its key is too long, or its value too large or of a kind that cannot travel.',
  },
} as const;

export const gossipFaults = defineFaults(gossipFaultSpecs);

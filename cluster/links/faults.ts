import { defineFaults } from '../../kit/fault.ts';

/** Codes about finding the mesh and being let in. Listed in docs/errors.md. */
export const linkFaultSpecs = {
  seed_unresolvable: {
    source: 'config',
    retry: 'after',
    status: 502,
    summary: 'The name of a seed node has no address, as far as the name servers know.',
  },
  seed_unreachable: {
    source: 'peer',
    retry: 'after',
    status: 502,
    summary: 'A seed node does not answer; it is tried again for as long as the node runs.',
  },
  seed_not_ours: {
    source: 'config',
    retry: 'after',
    status: 502,
    summary: 'What answers at the address of a seed node is no member of a mesh.',
  },
  node_id_taken: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'Another live node of the mesh has this node id; the node stops.',
  },
} as const;

export const linkFaults = defineFaults(linkFaultSpecs);

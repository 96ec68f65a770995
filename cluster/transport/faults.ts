import { defineFaults } from '../../kit/fault.ts';

export const transportFaultSpecs = {
  mesh_port_taken: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'Another process listens on the port of the mesh.',
  },
  mesh_address_invalid: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The mesh cannot listen on the address that was given.',
  },
  cluster_secret_mismatch: {
    source: 'peer',
    retry: 'never',
    status: 502,
    summary: 'The node at the address belongs to a cluster with another secret.',
  },
  peer_unreachable: {
    source: 'peer',
    retry: 'after',
    status: 502,
    summary: 'No member answers at the address.',
  },
  nothing_listens: {
    source: 'peer',
    retry: 'after',
    status: 502,
    summary: 'The host of the address is there, and no process listens at the port of the mesh.',
  },
  dialled_self: {
    source: 'peer',
    retry: 'never',
    status: 502,
    summary: 'The address leads back to the node itself.',
  },
  peer_unexpected: {
    source: 'peer',
    retry: 'never',
    status: 502,
    summary: 'Another peer than the address names answers there.',
  },
} as const;

export const transportFaults = defineFaults(transportFaultSpecs);

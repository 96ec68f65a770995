import { defineFaults } from '../../../kit/fault.ts';

/** What the command line meets when it calls a node. */
export const adminFaultSpecs = {
  node_unreachable: {
    source: 'peer',
    retry: 'never',
    status: 503,
    summary: 'The node that the command line calls does not answer at this address: it is not running, or elsewhere.',
  },
  key_refused: {
    source: 'client',
    retry: 'never',
    status: 401,
    summary: 'The node that the command line calls does not take its key, or the key may not do this.',
  },
  no_key: {
    source: 'config',
    retry: 'never',
    status: 400,
    summary: 'The command line has no key for the node: none given, and none kept in the data folder.',
  },
  bad_argument: {
    source: 'config',
    retry: 'never',
    status: 400,
    summary: 'A word or option of the command line is missing or is not what it may be; nothing was tried.',
  },
  call_refused: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'The node answered the command line with an error of its own; the message is the one that it gave.',
  },
  answer_unreadable: {
    source: 'peer',
    retry: 'never',
    status: 502,
    summary: 'What answers at the address that the command line calls is no node: its answer is no JSON.',
  },
  backup_nothing: {
    source: 'config',
    retry: 'never',
    status: 400,
    summary: 'No node answers the command line, and the data folder holds no records of one that could be copied.',
  },
} as const;

export const adminFaults = defineFaults(adminFaultSpecs);

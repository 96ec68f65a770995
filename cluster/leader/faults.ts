import { defineFaults } from '../../kit/fault.ts';

export const leaderFaultSpecs = {
  bad_election_message: {
    source: 'peer',
    retry: 'never',
    status: 500,
    summary: 'A member sent a message about the election that is malformed or out of bounds; it was ignored.',
  },
  vote_file_unreadable: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary:
      'The file with the vote of this node cannot be read, or another version wrote it; mend it or move it away.',
  },
} as const;

export const leaderFaults = defineFaults(leaderFaultSpecs);

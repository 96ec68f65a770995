import { defineFaults } from '../../kit/fault.ts';

export const intentFaultSpecs = {
  bad_intent_message: {
    source: 'peer',
    retry: 'never',
    status: 500,
    summary: 'A member sent a message about an intent that is malformed or out of bounds; it was ignored.',
  },
  intent_file_unreadable: {
    source: 'config',
    retry: 'never',
    status: 500,
    summary: 'The file of intents cannot be read, or another version wrote it; mend it or move it away.',
  },
} as const;

export const intentFaults = defineFaults(intentFaultSpecs);

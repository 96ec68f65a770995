import { nodeOptions } from '../admin/node-options.ts';
import type { Command } from '../command.ts';

export const clusterRemove: Command = {
  words: ['cluster', 'remove'],
  summary: 'Take a member (aiproxy cluster remove ID) out of the mesh for good, with its vote',
  options: {
    ...nodeOptions,
    force: { type: 'boolean', description: 'Also when the others cannot agree on it, or it may be alive' },
  },
  takesNodeFlags: true,
  run: async (call) => {
    const { removeMember } = await import('../cluster/remove-member.ts');
    return removeMember(call);
  },
};

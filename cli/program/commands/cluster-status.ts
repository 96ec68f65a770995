import { nodeOptions } from '../admin/node-options.ts';
import type { Command } from '../command.ts';

export const clusterStatus: Command = {
  words: ['cluster', 'status'],
  summary: 'Show the members of the mesh, its leader, accounts and tokens, as a node sees them',
  options: nodeOptions,
  takesNodeFlags: true,
  run: async (call) => {
    const { showStatus } = await import('../cluster/show-status.ts');
    return showStatus(call);
  },
};

import { nodeOptions } from '../admin/node-options.ts';
import type { Command } from '../command.ts';
import { usageFilters } from '../console/usage-filters.ts';

export const usage: Command = {
  words: ['usage'],
  summary: 'Show requests, tokens and cost of the whole cluster, of the last 30 days unless told otherwise',
  options: {
    ...nodeOptions,
    by: { type: 'string', description: 'day (as without it), hour, key, user, account or model' },
    ...usageFilters,
    csv: { type: 'boolean', description: 'Print CSV' },
  },
  takesNodeFlags: true,
  run: async (call) => {
    const { showUsage } = await import('../console/usage.ts');
    return showUsage(call);
  },
};

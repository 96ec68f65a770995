import { nodeOptions } from '../admin/node-options.ts';
import type { Command } from '../command.ts';
import { usageFilters } from '../console/usage-filters.ts';

export const traces: Command = {
  words: ['traces'],
  summary: 'Show the latest requests, or all that is known of one (aiproxy traces REQUEST-ID)',
  options: {
    ...nodeOptions,
    ...usageFilters,
    status: { type: 'string', description: 'A status such as 429, or a class of them such as 5xx' },
    limit: { type: 'number', description: 'How many; absent: 50' },
  },
  takesNodeFlags: true,
  run: async (call) => {
    const { showTraces } = await import('../console/traces.ts');
    return showTraces(call);
  },
};

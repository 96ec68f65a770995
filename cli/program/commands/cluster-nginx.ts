import { nodeOptions } from '../admin/node-options.ts';
import type { Command } from '../command.ts';

export const clusterNginx: Command = {
  words: ['cluster', 'nginx'],
  summary: 'Print an nginx upstream block with the members that are alive',
  options: {
    ...nodeOptions,
    full: { type: 'boolean', description: 'The server block as well, as in deploy/nginx.conf' },
    listen: { type: 'number', description: 'Port of that server', default: 8_080 },
    out: { type: 'string', description: 'File to write in place of the terminal' },
  },
  takesNodeFlags: true,
  run: async (call) => {
    const { writeNginx } = await import('../cluster/write-nginx.ts');
    return writeNginx(call);
  },
};

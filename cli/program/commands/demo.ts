import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

export const demo: Command = {
  words: ['demo'],
  summary: 'Run a mesh of nodes with a built-in upstream and show what it does; no account needed',
  options: {
    port: { type: 'number', description: 'Port to listen on; a free one when it is taken', default: 3_000 },
    nodes: { type: 'number', description: 'How many nodes, from 3 to 9', default: 3, alias: 'n' },
    nginx: {
      type: 'boolean',
      description: 'Put nginx in front where it is installed (--no-nginx: do not)',
      default: true,
    },
    once: { type: 'boolean', description: 'Stop after the tour in place of staying up', default: false },
  },
  takesNodeFlags: false,
  run: async ({ options, output, terminal }) => {
    const port = options['port'];
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535) {
      output.error('--port: not allowed; allowed: a whole number from 0 to 65535');
      return exitCodes.usage;
    }
    const count = options['nodes'];
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 3 || count > 9) {
      output.error('--nodes: not allowed; allowed: a whole number from 3 to 9');
      return exitCodes.usage;
    }
    const { runDemo } = await import('../demo/run-demo.ts');
    return runDemo({
      port,
      count,
      isNginxWanted: options['nginx'] !== false,
      isOnce: options['once'] === true,
      output,
      terminal,
    });
  },
};

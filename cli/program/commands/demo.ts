import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

export const demo: Command = {
  words: ['demo'],
  summary: 'Run a node with a built-in upstream; no account needed',
  options: {
    port: { type: 'number', description: 'Port to listen on; a free one when it is taken', default: 3_000 },
    once: { type: 'boolean', description: 'Stop after the tour in place of staying up', default: false },
  },
  takesNodeFlags: false,
  run: async ({ options, output, terminal }) => {
    const port = options['port'];
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535) {
      output.error('--port: not allowed; allowed: a whole number from 0 to 65535');
      return exitCodes.usage;
    }
    const { runDemo } = await import('../demo/run-demo.ts');
    return runDemo({ port, isOnce: options['once'] === true, output, terminal });
  },
};

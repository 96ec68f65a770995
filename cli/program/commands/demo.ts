import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

export const demo: Command = {
  words: ['demo'],
  summary: 'Run a node with a built-in upstream; no account needed',
  options: { port: { type: 'number', description: 'Port to listen on', default: 3_000 } },
  takesNodeFlags: false,
  run: async ({ options, output }) => {
    const port = options['port'];
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535) {
      output.error('--port: not allowed; allowed: a whole number from 0 to 65535');
      return exitCodes.usage;
    }
    const { runDemo } = await import('../demo/run-demo.ts');
    await runDemo({ port });
    return exitCodes.ok;
  },
};

import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { packageVersion } from '../package-version.ts';

export const version: Command = {
  words: ['version'],
  summary: 'Print the version',
  options: {},
  takesNodeFlags: false,
  run: async ({ output }) => {
    const facts = { version: await packageVersion(), node: process.version, platform: process.platform };
    if (output.isJson) output.json(facts);
    else output.line(`aiproxy ${facts.version} (Node.js ${facts.node}, ${facts.platform})`);
    return exitCodes.ok;
  },
};

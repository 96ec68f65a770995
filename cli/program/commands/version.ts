import { version as packageVersion } from '../../../node/version.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

export const version: Command = {
  words: ['version'],
  summary: 'Print the version',
  options: {},
  takesNodeFlags: false,
  run: ({ output }) => {
    const facts = { version: packageVersion, node: process.version, platform: process.platform };
    if (output.isJson) output.json(facts);
    else output.line(`aiproxy ${facts.version} (Node.js ${facts.node}, ${facts.platform})`);
    return Promise.resolve(exitCodes.ok);
  },
};

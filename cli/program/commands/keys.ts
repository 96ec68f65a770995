import { nodeOptions } from '../admin/node-options.ts';
import type { Command, CommandCall } from '../command.ts';
import { enableOptions, restrictionOptions } from '../console/key-options.ts';

type Keys = typeof import('../console/keys.ts');

const verb = (name: keyof Keys) => async (call: CommandCall) => (await import('../console/keys.ts'))[name](call);

const userOption = { user: { type: 'string', description: 'Name or id of the user whose key it is' } } as const;

export const keyCommands: readonly Command[] = [
  {
    words: ['keys', 'list'],
    summary: 'List the API keys, without the keys themselves',
    options: { ...nodeOptions, user: { type: 'string', description: 'Those of this user alone' } },
    takesNodeFlags: true,
    run: verb('listKeys'),
  },
  {
    words: ['keys', 'add'],
    summary: 'Make an API key (aiproxy keys add NAME) and print it, this once',
    options: { ...nodeOptions, ...userOption, ...restrictionOptions },
    takesNodeFlags: true,
    run: verb('addKey'),
  },
  {
    words: ['keys', 'set'],
    summary: 'Change a key (aiproxy keys set ID)',
    options: {
      ...nodeOptions,
      name: { type: 'string', description: 'Another name' },
      ...userOption,
      ...restrictionOptions,
      ...enableOptions,
      unset: { type: 'string', description: 'Restrictions to take away, such as models,expires' },
    },
    takesNodeFlags: true,
    run: verb('setKey'),
  },
  {
    words: ['keys', 'revoke'],
    summary: 'Revoke a key (aiproxy keys revoke ID) at every member, for good',
    options: nodeOptions,
    takesNodeFlags: true,
    run: verb('revokeKey'),
  },
];

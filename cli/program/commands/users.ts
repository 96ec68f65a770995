import { nodeOptions } from '../admin/node-options.ts';
import type { Command, CommandCall } from '../command.ts';
import { enableOptions } from '../console/key-options.ts';

type Users = typeof import('../console/users.ts');

const verb = (name: keyof Users & `${string}User${string}`) => async (call: CommandCall) =>
  (await import('../console/users.ts'))[name](call);

const passwordOption = {
  'password-stdin': { type: 'boolean', description: 'Read the password from the standard input' },
} as const;

export const userCommands: readonly Command[] = [
  {
    words: ['users', 'list'],
    summary: 'List the users',
    options: nodeOptions,
    takesNodeFlags: true,
    run: verb('listUsers'),
  },
  {
    words: ['users', 'add'],
    summary: 'Add a user (aiproxy users add NAME); asks for the password',
    options: {
      ...nodeOptions,
      role: { type: 'string', description: 'Role: admin, operator, viewer, user, or one of your own; absent: user' },
      ...passwordOption,
    },
    takesNodeFlags: true,
    run: verb('addUser'),
  },
  {
    words: ['users', 'set'],
    summary: 'Change a user (aiproxy users set NAME)',
    options: {
      ...nodeOptions,
      name: { type: 'string', description: 'Another name' },
      role: { type: 'string', description: 'Another role' },
      ...enableOptions,
      'new-password': { type: 'boolean', description: 'Ask for another password' },
      ...passwordOption,
    },
    takesNodeFlags: true,
    run: verb('setUser'),
  },
  {
    words: ['users', 'remove'],
    summary: 'Remove a user (aiproxy users remove NAME) with all keys and sessions',
    options: nodeOptions,
    takesNodeFlags: true,
    run: verb('removeUser'),
  },
];

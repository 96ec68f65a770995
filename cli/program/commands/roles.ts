import { nodeOptions } from '../admin/node-options.ts';
import type { Command, CommandCall } from '../command.ts';

type Roles = typeof import('../console/roles.ts');

const verb = (name: keyof Roles) => async (call: CommandCall) => (await import('../console/roles.ts'))[name](call);

export const roleCommands: readonly Command[] = [
  {
    words: ['roles', 'list'],
    summary: 'List the roles and what they may do',
    options: nodeOptions,
    takesNodeFlags: true,
    run: verb('listRoles'),
  },
  {
    words: ['roles', 'set'],
    summary: 'Make or change a role (aiproxy roles set NAME stats:read traces:read …)',
    options: nodeOptions,
    takesNodeFlags: true,
    run: verb('setRole'),
  },
  {
    words: ['roles', 'remove'],
    summary: 'Remove a role (aiproxy roles remove NAME) that nobody has',
    options: nodeOptions,
    takesNodeFlags: true,
    run: verb('removeRole'),
  },
];

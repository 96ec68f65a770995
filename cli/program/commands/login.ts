import { nodeOptions } from '../admin/node-options.ts';
import type { Command } from '../command.ts';

export const login: Command = {
  words: ['login'],
  summary: 'Log in to a provider (aiproxy login PROVIDER) and keep the credentials; without one, list the logins',
  options: {
    ...nodeOptions,
    kind: { type: 'string', description: 'Kind of login, such as builder-id, idc or google; absent: the first' },
    id: { type: 'string', description: "Id of the account; absent: the provider's name" },
    region: { type: 'string', description: 'AWS region of the login service' },
    'start-url': { type: 'string', description: "Start page of an organisation's IAM Identity Center" },
    'client-id': { type: 'string', description: 'OAuth client, in place of the usual one' },
    'client-secret': { type: 'string', description: 'Secret of that client' },
    'auth-url': { type: 'string', description: "Address of the login service, in place of the provider's own" },
    out: { type: 'string', description: 'File for the credentials; absent: logins/ID.json in the data folder' },
    add: { type: 'boolean', description: 'Add the account to the running node, or give it the new credentials' },
  },
  takesNodeFlags: true,
  run: async (call) => {
    const { runLogin } = await import('../login/run-login.ts');
    return runLogin(call);
  },
};

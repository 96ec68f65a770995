import { nodeOptions } from '../admin/node-options.ts';
import type { Command } from '../command.ts';

export const backup: Command = {
  words: ['backup'],
  summary: 'Copy the users, keys, records and traces of a node into a new folder (aiproxy backup FOLDER)',
  options: nodeOptions,
  takesNodeFlags: true,
  run: async (call) => {
    const { runBackup } = await import('../backup/run-backup.ts');
    return runBackup(call);
  },
};

import type { Command } from '../command.ts';

export const start: Command = {
  words: ['start'],
  summary: 'Run a node in the foreground (what `aiproxy` alone does)',
  options: {},
  takesNodeFlags: true,
  run: async (call) => {
    const { runStart } = await import('../start/run-start.ts');
    return runStart(call);
  },
};

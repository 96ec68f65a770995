import type { Command } from '../command.ts';

export const configShow: Command = {
  words: ['config', 'show'],
  summary: 'Print the settings that a start with the same flags would use, secrets redacted',
  options: { origin: { type: 'boolean', description: 'Print where each value comes from' } },
  takesNodeFlags: true,
  run: async (call) => {
    const { showConfiguration } = await import('../show-configuration.ts');
    return showConfiguration(call);
  },
};

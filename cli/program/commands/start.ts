import type { Command } from '../command.ts';

export const start: Command = {
  words: ['start'],
  summary: 'Run a node in the foreground (what `aiproxy` alone does)',
  options: {
    workers: { type: 'string', description: 'Nodes that share the port, a number or auto (one to a core)' },
    'workers-port': { type: 'string', description: "First of the workers' own ports; 0 takes free ones" },
  },
  takesNodeFlags: true,
  run: async (call) => {
    const { runWorkersOrNode } = await import('../start/run-workers.ts');
    return runWorkersOrNode(call);
  },
};

import type { Command } from '../command.ts';

export const clusterUp: Command = {
  words: ['cluster', 'up'],
  summary: 'Run a mesh of several nodes on this machine, each with a port and a folder of its own',
  options: {
    nodes: { type: 'string', description: 'How many', default: '3', alias: 'n' },
    'base-port': { type: 'number', description: 'Port of the first; the others follow', default: 3_000 },
  },
  takesNodeFlags: true,
  run: async (call) => {
    const { runMesh } = await import('../cluster/run-mesh.ts');
    return runMesh(call);
  },
};

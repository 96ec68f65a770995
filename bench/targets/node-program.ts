import type { Target } from './contract.ts';
import { fromRoot } from './programs.ts';

/** A target that is a program of `bench/programs/`, called with the ports of the upstream and its own. */
export function nodeProgram(name: string, summary: string): Target {
  return {
    name,
    summary,
    translates: false,
    byDefault: true,
    missing: () => undefined,
    prepare: ({ port, upstreamPort, nodeFlags }) => ({
      command: [
        process.execPath,
        ...nodeFlags,
        fromRoot(`bench/programs/${name}.ts`),
        String(upstreamPort),
        String(port),
      ],
      headers: { authorization: 'Bearer bench' },
      readyPath: '/health/live',
    }),
  };
}

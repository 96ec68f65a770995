import type { Target } from './contract.ts';
import { fromRoot } from './programs.ts';

/** The yardstick: see bench/programs/bare-pipe.ts. */
export const barePipe: Target = {
  name: 'bare-pipe',
  summary: 'node:http and undici Pool.dispatch, nothing else',
  translates: false,
  byDefault: true,
  missing: () => undefined,
  prepare: ({ port, upstreamPort, nodeFlags }) => ({
    command: [
      process.execPath,
      ...nodeFlags,
      fromRoot('bench/programs/bare-pipe.ts'),
      String(upstreamPort),
      String(port),
    ],
    headers: { authorization: 'Bearer bench' },
    readyPath: '/health/live',
  }),
};

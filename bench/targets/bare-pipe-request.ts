import type { Target } from './contract.ts';
import { fromRoot } from './programs.ts';

/** A second reference, as most proxies on Node are written: see bench/programs/bare-pipe-request.ts. */
export const barePipeRequest: Target = {
  name: 'bare-pipe-request',
  summary: 'node:http and undici Pool.request, nothing else',
  translates: false,
  byDefault: true,
  missing: () => undefined,
  prepare: ({ port, upstreamPort, nodeFlags }) => ({
    command: [
      process.execPath,
      ...nodeFlags,
      fromRoot('bench/programs/bare-pipe-request.ts'),
      String(upstreamPort),
      String(port),
    ],
    headers: { authorization: 'Bearer bench' },
    readyPath: '/health/live',
  }),
};

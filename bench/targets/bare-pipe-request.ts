import { nodeProgram } from './node-program.ts';

/** A second reference, as most proxies on Node are written: see bench/programs/bare-pipe-request.ts. */
export const barePipeRequest = nodeProgram('bare-pipe-request', 'node:http and undici Pool.request, nothing else');

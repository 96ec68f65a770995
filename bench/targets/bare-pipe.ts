import { nodeProgram } from './node-program.ts';

/** The yardstick: see bench/programs/bare-pipe.ts. */
export const barePipe = nodeProgram('bare-pipe', 'node:http and undici Pool.dispatch, nothing else');

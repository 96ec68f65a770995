import { resolve } from 'node:path';

/**
 * Where Node.js keeps modules as compiled (`NODE_COMPILE_CACHE`), for the processes that run tests and for those that
 * tests start: each would compile them anew. What stands there is found by path and content, so it outlives the run.
 */
export const compiledFolder = resolve(import.meta.dirname, '../../node_modules/.cache/aiproxy-tests');

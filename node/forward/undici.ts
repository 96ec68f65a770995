import { createRequire } from 'node:module';
import type undici from 'undici';

// undici's index loads fetch, WebSocket, caches and interceptors beside its clients: 4 MB of memory and a tenth of the
// start, of which a proxy uses nothing. The package names no exports, so its files may be asked for, and package.json
// fixes its version; test/node/forward/undici.test.ts sees to it that they are the classes that the index exports.
const load = createRequire(import.meta.url);

export const Client = load('undici/lib/dispatcher/client.js') as typeof undici.Client;
export const Pool = load('undici/lib/dispatcher/pool.js') as typeof undici.Pool;

import { createRequire } from 'node:module';
import type undici from 'undici';

// undici's index loads fetch, WebSocket, caches and interceptors beside its clients: 4 MB of memory, of which a proxy
// uses nothing. The package names no exports, so its files may be asked for, and package.json
// fixes its version; test/node/forward/undici.test.ts sees to it that they are the classes that the index exports.
const load = createRequire(import.meta.url);

export const Client = load('undici/lib/dispatcher/client.js') as typeof undici.Client;
export const Pool = load('undici/lib/dispatcher/pool.js') as typeof undici.Pool;

/** undici's index puts this into its clients; those above have it not. Called on one of them. */
export const request = load('undici/lib/api/api-request.js') as (
  this: undici.Dispatcher,
  options: undici.Dispatcher.RequestOptions,
) => Promise<undici.Dispatcher.ResponseData>;

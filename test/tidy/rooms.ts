/** Rooms, lowest first. A file may import its own room and lower ones; rooms of one row never import each other. */
export const rows: readonly (readonly string[])[] = [
  ['kit'],
  ['cluster'],
  ['node/store', 'node/metrics', 'node/wire'],
  ['node/conversation'],
  ['node/protocols'],
  ['node/providers'],
  ['node/accounts', 'node/cache', 'node/auth', 'node/usage', 'node/queue', 'node/tokens'],
  ['node/routing', 'node/limits'],
  ['node/forward'],
  ['node/http', 'node/dashboard'],
  ['node/config'],
  ['node/assembly'],
  ['node/main.ts'],
  ['cli'],
];

/** Files that stand beside the rooms and that every room may import. */
const leaves = new Set(['node/version.ts']);

/** The room of a file and its row; undefined for a file that is in none. */
export function roomOf(path: string): { room: string; row: number } | undefined {
  if (leaves.has(path)) return { room: 'kit', row: 0 };
  for (const [row, rooms] of rows.entries()) {
    const room = rooms.find((each) => path === each || path.startsWith(`${each}/`));
    if (room !== undefined) return { room, row };
  }
  return undefined;
}

/** The one place of each part of `test/` that ships with the product (docs/decisions/0005). */
export const shippedFromTest: Readonly<Record<string, string>> = { 'test/upstream/': 'cli/program/demo/' };

/** Whether a file may construct what other rooms declare. */
export function mayConstructAcrossRooms(path: string): boolean {
  return path === 'node/main.ts' || path.startsWith('node/assembly/') || path.startsWith('cli/');
}

/** Rooms whose classes are tools and no parts of a node: any room above makes its own. */
export const toolRooms: ReadonlySet<string> = new Set(['kit', 'node/wire']);

/** Where each outside library may be imported, as beginnings of paths; whole libraries have one home. */
export const homes: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  '@libp2p/crypto': ['cluster/transport/libp2p'],
  '@libp2p/interface': ['cluster/transport/libp2p'],
  '@libp2p/noise': ['cluster/transport/libp2p'],
  '@libp2p/peer-id': ['cluster/transport/libp2p'],
  '@libp2p/tcp': ['cluster/transport/libp2p'],
  '@libp2p/yamux': ['cluster/transport/libp2p'],
  '@msgpack/msgpack': ['cluster/post/'],
  '@multiformats/multiaddr': ['cluster/transport/libp2p'],
  'fastest-levenshtein': ['node/providers/oci/endpoints.ts', 'node/config/', 'node/routing/', 'node/http/', 'cli/'],
  fastify: ['node/http/'],
  'gpt-tokenizer': ['node/conversation/'],
  jose: ['node/auth/'],
  pg: ['node/store/'],
  'ipaddr.js': ['node/auth/', 'node/http/', 'kit/'],
  libp2p: ['cluster/transport/libp2p'],
  pino: ['kit/log.ts'],
  'prom-client': ['node/metrics/'],
  undici: ['node/forward/'],
  yaml: ['node/config/'],
  yargs: ['cli/'],
  zod: [
    'kit/setting.ts',
    'node/config/',
    'node/assembly/',
    'node/http/',
    'node/providers/contract.ts',
    'node/auth/',
    'node/usage/',
    'node/limits/',
    /\/settings\.ts$/,
    /\/credential\.ts$/,
  ],
};

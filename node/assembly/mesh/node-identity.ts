import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../../config/index.ts';

/** The node's name: as given, else one that is the same at every start on this host and port. */
export function nodeIdOf({ cluster, port }: Settings): string {
  return cluster.node_id ?? `${hostname().replace(/[^A-Za-z0-9._-]/g, '-') || 'node'}-${port}`;
}

/** HOST:PORT at which members reach the node's HTTP side. */
export function nodeAddressOf({ cluster, host, port }: Settings): string {
  return cluster.node_address ?? `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What a node keeps for itself; nodes that share a data folder keep theirs apart. */
export function nodeFolderOf(settings: Settings): string {
  return join(settings.data_dir, 'nodes', nodeIdOf(settings));
}

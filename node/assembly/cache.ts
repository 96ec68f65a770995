import type { Clock } from '../../kit/clock.ts';
import type { CacheControls, CacheMesh } from '../cache/contract.ts';
import { LocalControls } from '../cache/local-controls.ts';
import { MeshSide } from '../cache/mesh/mesh-side.ts';
import { ResponseCache } from '../cache/response-cache.ts';
import type { CacheSettings } from '../cache/settings.ts';

export interface CacheParts {
  settings: CacheSettings;
  clock: Clock;
  nodeId: string;
  /** Undefined for a node alone. */
  mesh: CacheMesh | undefined;
}

export interface MadeCache {
  cache: ResponseCache;
  controls: CacheControls;
  /** Takes over settings that were read again. */
  reconfigure(settings: CacheSettings): void;
  stop(): void;
}

/** The cache of a node with its side towards the mesh, if there is one. */
export function makeCache({ settings, clock, nodeId, mesh }: CacheParts): MadeCache {
  const cache = new ResponseCache({ isEnabled: settings.enabled, ...storeOptions(settings) }, clock);
  const side = mesh === undefined ? undefined : new MeshSide(mesh, cache, clock);
  cache.neighbours = side;
  const controls = side?.controls ?? new LocalControls(cache, nodeId);
  return {
    cache,
    controls,
    reconfigure: (next) => cache.reconfigure(storeOptions(next)),
    stop() {
      side?.stop();
      cache.stop();
    },
  };
}

function storeOptions({ max_size_mb: megabytes, ttl_seconds: seconds }: CacheSettings) {
  return { bytesMax: megabytes * 1024 * 1024, ttlMs: seconds * 1000 };
}

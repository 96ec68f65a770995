import type { NodeId } from '../../cluster/membership/contract.ts';
import type { CacheReading } from '../metrics/contract.ts';
import type { CacheControls, ClearOutcome, ClearScope, Spread } from './contract.ts';
import type { ResponseCache } from './response-cache.ts';

/** The management calls on a node that is no member of a mesh: what it does itself is all there is to do. */
export class LocalControls implements CacheControls {
  readonly #cache: ResponseCache;
  readonly #spread: Spread;

  constructor(cache: ResponseCache, self: NodeId) {
    this.#cache = cache;
    this.#spread = { acknowledged: [self], missing: [] };
  }

  reading(): CacheReading {
    return this.#cache.reading();
  }

  async clear(scope: ClearScope): Promise<ClearOutcome> {
    return { cleared: this.#cache.clear(scope), ...this.#spread };
  }

  async setEnabled(isEnabled: boolean): Promise<Spread> {
    this.#cache.isEnabled = isEnabled;
    return this.#spread;
  }
}

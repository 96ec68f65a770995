import type { CacheReading } from '../../metrics/contract.ts';
import type { CacheControls, ClearOutcome, ClearScope, Spread } from '../contract.ts';
import type { ResponseCache } from '../response-cache.ts';
import type { ClearRecords } from './clear-records.ts';
import type { SharedSwitch } from './shared-switch.ts';

/** The management calls on a member of a mesh: they hold on all members. */
export class MeshControls implements CacheControls {
  readonly #cache: ResponseCache;
  readonly #clears: ClearRecords;
  readonly #switch: SharedSwitch;

  constructor(cache: ResponseCache, clears: ClearRecords, sharedSwitch: SharedSwitch) {
    this.#cache = cache;
    this.#clears = clears;
    this.#switch = sharedSwitch;
  }

  reading(): CacheReading {
    return this.#cache.reading();
  }

  clear(scope: ClearScope): Promise<ClearOutcome> {
    return new Promise((resolve) => {
      this.#clears.clear(scope, (cleared, { acknowledged, missing }) => resolve({ cleared, acknowledged, missing }));
    });
  }

  setEnabled(isEnabled: boolean): Promise<Spread> {
    return new Promise((resolve) => {
      this.#switch.set(isEnabled, ({ acknowledged, missing }) => resolve({ acknowledged, missing }));
    });
  }
}

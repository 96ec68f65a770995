import { isFault } from '../../kit/fault.ts';
import { LruMap } from '../../kit/lru-map.ts';
import { refusalsMax } from './limits.ts';

/** Batches that are remembered; where more fail, it is not for what they hold. */
const batchesMax = 100;

interface Refused {
  count: number;
  /** Batches that had been written at its last failure. */
  written: number;
}

/** Tells a batch that the store will never take from one that came at a bad time. */
export class Refusals {
  readonly #batches = new LruMap<string, Refused>(batchesMax);

  /** The store says so; or it failed many times, and each time others had been written since the last. */
  isHopeless(id: string, error: unknown, written: number): boolean {
    if (isFault(error) && error.code === 'store_batch_refused') return true;
    if (isFault(error) && error.code === 'store_unavailable') return false;
    const refused = this.#batches.get(id) ?? { count: 0, written };
    this.#batches.set(id, refused);
    if (written > refused.written) refused.count++;
    refused.written = written;
    return refused.count >= refusalsMax;
  }
}

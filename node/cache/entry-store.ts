import type { Clock, Timer } from '../../kit/clock.ts';
import type { Entry } from './entry.ts';

export interface EntryStoreOptions {
  bytesMax: number;
  ttlMs: number;
}

/** An answer of more than this part of the whole would throw out too many others. */
const shareMax = 1 / 8;

/** Entries that nobody asks for again are looked through no more often than this. */
const sweepMsMin = 10_000;

/**
 * Entries by key, bounded in bytes: the least recently used make room. A list through the entries keeps the order; a
 * Map's own would make each eviction walk over the places of those before it.
 */
export class EntryStore {
  evictions = 0;
  expired = 0;
  #options: EntryStoreOptions;
  #bytes = 0;
  #newest: Entry | undefined;
  #oldest: Entry | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  #sweep: Timer | undefined;

  constructor(options: EntryStoreOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get options(): Readonly<EntryStoreOptions> {
    return this.#options;
  }

  reconfigure(options: EntryStoreOptions): void {
    this.#options = options;
    this.#shrink(0);
  }

  /** The entry, as used just now; one that is too old is dropped. */
  get(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.ageMs() >= this.#options.ttlMs) {
      this.#expire(entry);
      return undefined;
    }
    if (entry !== this.#newest) {
      this.#unlink(entry);
      this.#link(entry);
    }
    return entry;
  }

  /** False when it is too large, too old, or when a later answer to the same question is here. */
  put(entry: Entry): boolean {
    const { bytesMax, ttlMs } = this.#options;
    if (entry.sizeBytes > bytesMax * shareMax || entry.ageMs() >= ttlMs) return false;
    const former = this.#entries.get(entry.key);
    if (former !== undefined) {
      if (former.begunMs > entry.begunMs) return false;
      this.#remove(former);
    }
    this.#shrink(entry.sizeBytes);
    this.#entries.set(entry.key, entry);
    this.#link(entry);
    this.#bytes += entry.sizeBytes;
    this.#sweep ??= this.#clock.after(Math.max(sweepMsMin, ttlMs), () => this.#sweepOld());
    return true;
  }

  /** Drops all for which it holds; answers how many. */
  drop(isMeant: (entry: Entry) => boolean): number {
    const before = this.#entries.size;
    for (const entry of this.#entries.values()) if (isMeant(entry)) this.#remove(entry);
    return before - this.#entries.size;
  }

  stop(): void {
    this.#sweep?.cancel();
    this.#sweep = undefined;
  }

  /** Makes room for so many bytes. */
  #shrink(bytes: number): void {
    while (this.#bytes + bytes > this.#options.bytesMax && this.#oldest !== undefined) {
      this.#remove(this.#oldest);
      this.evictions++;
    }
  }

  #sweepOld(): void {
    this.#sweep = undefined;
    const { ttlMs } = this.#options;
    for (const entry of this.#entries.values()) if (entry.ageMs() >= ttlMs) this.#expire(entry);
    if (this.#entries.size > 0) this.#sweep = this.#clock.after(Math.max(sweepMsMin, ttlMs), () => this.#sweepOld());
  }

  #expire(entry: Entry): void {
    this.#remove(entry);
    this.expired++;
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#unlink(entry);
    this.#bytes -= entry.sizeBytes;
  }

  #link(entry: Entry): void {
    entry.older = this.#newest;
    if (this.#newest !== undefined) this.#newest.newer = entry;
    this.#newest = entry;
    this.#oldest ??= entry;
  }

  #unlink(entry: Entry): void {
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    if (entry.older === undefined) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
    entry.newer = undefined;
    entry.older = undefined;
  }
}

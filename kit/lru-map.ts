/** A map of at most `sizeMax` entries; the least recently used one makes room. `onEvict` hears of those. */
export class LruMap<Key, Value> {
  readonly sizeMax: number;
  readonly #entries = new Map<Key, Value>();
  readonly #onEvict: ((key: Key, value: Value) => void) | undefined;

  constructor(sizeMax: number, onEvict?: (key: Key, value: Value) => void) {
    this.sizeMax = sizeMax;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Reads without counting as a use: one lookup, for hot paths. */
  peek(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /**
   * Reads and counts as a use. While the map is less than half full nothing can be evicted soon, and the reordering
   * (a delete and an insert) is spared.
   */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined || this.#entries.size * 2 < this.sizeMax) return value;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.sizeMax) this.#evictOldest();
  }

  delete(key: Key): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  entries(): MapIterator<[Key, Value]> {
    return this.#entries.entries();
  }

  values(): MapIterator<Value> {
    return this.#entries.values();
  }

  #evictOldest(): void {
    for (const [key, value] of this.#entries) {
      this.#entries.delete(key);
      this.#onEvict?.(key, value);
      return;
    }
  }
}

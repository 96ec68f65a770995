/**
 * Runs at most one call per key at a time: who asks while one is under way gets the same promise, also when it fails.
 * Nothing is kept after it settled, so the size is that of the calls under way.
 */
export class SingleFlight<Key, Value> {
  readonly #flights = new Map<Key, Promise<Value>>();

  /** Number of calls under way. */
  get size(): number {
    return this.#flights.size;
  }

  isFlying(key: Key): boolean {
    return this.#flights.has(key);
  }

  /** `action` is called only when no call for `key` is under way; a synchronous throw becomes a rejection. */
  run(key: Key, action: () => Promise<Value>): Promise<Value> {
    const underWay = this.#flights.get(key);
    if (underWay !== undefined) return underWay;
    const flight = this.#fly(key, action);
    this.#flights.set(key, flight);
    return flight;
  }

  async #fly(key: Key, action: () => Promise<Value>): Promise<Value> {
    // The turn in between lets `run` note the flight before `action` can end.
    await undefined;
    try {
      return await action();
    } finally {
      this.#flights.delete(key);
    }
  }
}

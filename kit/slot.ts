/** Something taken that must be given back exactly once: an in-flight count, a queue place, a lease. */
export interface Slot {
  /** Gives it back; a second call does nothing. */
  release(): void;
}

/** A counter with an optional upper bound whose takings cannot leak: every one is a `Slot`. */
export class SlotCounter {
  /** Upper bound; Infinity for none. May be changed while in use. */
  limit: number;
  #taken = 0;
  readonly #onRelease: (() => void) | undefined;

  constructor(limit: number, onRelease?: () => void) {
    this.limit = limit;
    this.#onRelease = onRelease;
  }

  get taken(): number {
    return this.#taken;
  }

  get isFull(): boolean {
    return this.#taken >= this.limit;
  }

  /** Takes one, or answers undefined when the bound is reached. */
  take(): Slot | undefined {
    if (this.#taken >= this.limit) return undefined;
    this.#taken++;
    return new CountedSlot(this);
  }

  /** For `CountedSlot` alone. */
  give(): void {
    this.#taken--;
    this.#onRelease?.();
  }
}

class CountedSlot implements Slot {
  #counter: SlotCounter | undefined;
  constructor(counter: SlotCounter) {
    this.#counter = counter;
  }
  release(): void {
    const counter = this.#counter;
    if (counter === undefined) return;
    this.#counter = undefined;
    counter.give();
  }
}

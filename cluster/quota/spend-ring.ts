import { slotCount, stretched } from './limits.ts';

/** Slots that count at once: the one that is being filled and those of a whole window before it. */
const size = slotCount + 1;

/**
 * What was taken within a sliding window, by slots. A unit counts until its slot has ended and a whole window has
 * passed: never for less than the window, and for at most a slot and the drift of the clock longer.
 */
export class SpendRing {
  total = 0;
  readonly slotMs: number;
  readonly #slots = new Float64Array(size);
  /** Number of the newest slot, since the origin of the clock. */
  #newest = Number.NEGATIVE_INFINITY;
  #passesAtMs = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.slotMs = stretched(windowMs) / slotCount;
  }

  /** Lets go what no longer counts. */
  pass(nowMs: number): void {
    if (nowMs < this.#passesAtMs) return;
    const current = Math.floor(nowMs / this.slotMs);
    this.#passesAtMs = (current + 1) * this.slotMs;
    if (this.total === 0 || current - this.#newest >= size) this.#clear();
    else for (let slot = this.#newest + 1; slot <= current; slot++) this.#empty(slot);
    this.#newest = current;
  }

  /** Counts what was taken at `atMs`, now or earlier; nothing when that counts no longer. `pass` comes first. */
  add(atMs: number, amount: number): void {
    const slot = Math.min(this.#newest, Math.floor(atMs / this.slotMs));
    if (slot <= this.#newest - size) return;
    const index = indexOf(slot);
    this.#slots[index] = (this.#slots[index] ?? 0) + amount;
    this.total += amount;
  }

  /**
   * Takes back units that were taken at `atMs`, as many as there are of then and of before: whichever were taken here and
   * whichever elsewhere, at no time counts less than was taken.
   */
  remove(atMs: number, amount: number): void {
    let left = amount;
    for (let slot = Math.floor(atMs / this.slotMs); left > 0 && slot >= this.#newest - slotCount; slot--) {
      left -= this.#reduce(slot, left);
    }
  }

  /** Milliseconds until so many units have ceased to count; undefined when there are not as many. */
  untilGoneMs(amount: number, nowMs: number): number | undefined {
    let gone = 0;
    for (let slot = this.#newest - slotCount; slot <= this.#newest; slot++) {
      gone += this.#slots[indexOf(slot)] ?? 0;
      if (gone >= amount) return Math.max(0, (slot + size) * this.slotMs - nowMs);
    }
    return undefined;
  }

  /** Milliseconds until nothing counts. */
  untilEmptyMs(nowMs: number): number {
    if (this.total <= 0) return 0;
    let slot = this.#newest;
    while (slot > this.#newest - slotCount && this.#slots[indexOf(slot)] === 0) slot--;
    return Math.max(0, (slot + size) * this.slotMs - nowMs);
  }

  /** What counts, each with the milliseconds for which it still does. */
  *entries(nowMs: number): Generator<readonly [leftMs: number, amount: number]> {
    for (let slot = this.#newest - slotCount; slot <= this.#newest; slot++) {
      const amount = this.#slots[indexOf(slot)] ?? 0;
      if (amount > 0) yield [(slot + size) * this.slotMs - nowMs, amount];
    }
  }

  #reduce(slot: number, amount: number): number {
    const index = indexOf(slot);
    const part = Math.min(this.#slots[index] ?? 0, amount);
    this.#slots[index] = (this.#slots[index] ?? 0) - part;
    this.total -= part;
    return part;
  }

  #empty(slot: number): void {
    const index = indexOf(slot);
    this.total -= this.#slots[index] ?? 0;
    this.#slots[index] = 0;
  }

  #clear(): void {
    this.#slots.fill(0);
    this.total = 0;
  }
}

function indexOf(slot: number): number {
  const index = slot % size;
  return index < 0 ? index + size : index;
}

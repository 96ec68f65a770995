/**
 * Two counts (say, good and bad) over the last `windowMs`, in a fixed number of slices: memory does not grow with the
 * rate. Old events leave a slice at a time, so the window's length is exact to one slice.
 */
export class SlidingCounts {
  readonly #sliceMs: number;
  readonly #first: number[];
  readonly #second: number[];
  #firstTotal = 0;
  #secondTotal = 0;
  /** Number of the newest slice since the epoch of the caller's clock. */
  #newest = 0;

  constructor(windowMs: number, slices = 10) {
    this.#sliceMs = windowMs / slices;
    this.#first = Array.from({ length: slices }, () => 0);
    this.#second = Array.from({ length: slices }, () => 0);
  }

  get first(): number {
    return this.#firstTotal;
  }

  get second(): number {
    return this.#secondTotal;
  }

  addFirst(nowMs: number): void {
    const slice = this.#advance(nowMs);
    this.#first[slice] = (this.#first[slice] ?? 0) + 1;
    this.#firstTotal++;
  }

  addSecond(nowMs: number): void {
    const slice = this.#advance(nowMs);
    this.#second[slice] = (this.#second[slice] ?? 0) + 1;
    this.#secondTotal++;
  }

  /** Lets go what is older than the window. A clock that jumps back starts the window anew. */
  expire(nowMs: number): void {
    this.#advance(nowMs);
  }

  clear(): void {
    this.#first.fill(0);
    this.#second.fill(0);
    this.#firstTotal = 0;
    this.#secondTotal = 0;
  }

  #advance(nowMs: number): number {
    const slices = this.#first.length;
    const current = Math.floor(nowMs / this.#sliceMs);
    const passed = current - this.#newest;
    // One slice back is jitter between callers' readings of the clock, not a jump.
    if (passed === -1) return this.#newest % slices;
    if (passed < 0 || passed >= slices) this.clear();
    else for (let step = 1; step <= passed; step++) this.#forget((this.#newest + step) % slices);
    this.#newest = current;
    return current % slices;
  }

  #forget(slice: number): void {
    this.#firstTotal -= this.#first[slice] ?? 0;
    this.#secondTotal -= this.#second[slice] ?? 0;
    this.#first[slice] = 0;
    this.#second[slice] = 0;
  }
}

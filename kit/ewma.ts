/** Exponentially weighted moving average over samples. The first sample is taken whole, so it starts without a bias. */
export class Ewma {
  readonly #share: number;
  #value = 0;
  #isEmpty = true;

  /** `share` of a new sample, in (0, 1]: 0.2 forgets half of the past in about three samples. */
  constructor(share: number) {
    this.#share = share;
  }

  /** Zero before the first sample. */
  get value(): number {
    return this.#value;
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  add(sample: number): void {
    this.#value = this.#isEmpty ? sample : this.#value + this.#share * (sample - this.#value);
    this.#isEmpty = false;
  }

  reset(): void {
    this.#value = 0;
    this.#isEmpty = true;
  }
}

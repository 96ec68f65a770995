/** A running hash over numbers: two runs that differ anywhere differ here. */
export class TraceHash {
  #high = 0x811c9dc5;
  #low = 0xc9dc5118;

  add(timeMs: number, what: number): void {
    const micros = Math.floor(timeMs * 1000) | 0;
    this.#high = Math.imul(this.#high ^ micros, 16_777_619);
    this.#low = Math.imul(this.#low ^ what ^ (this.#high >>> 7), 2_246_822_519);
  }

  get text(): string {
    return (this.#high >>> 0).toString(16).padStart(8, '0') + (this.#low >>> 0).toString(16).padStart(8, '0');
  }
}

/** Counts the changes after which what was known of credentials has to be asked again. */
export class Revision {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  raise(): void {
    this.#value++;
  }
}

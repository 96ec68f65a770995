/** Longest label value, characters; longer names are cut off from being series of their own. */
const labelLengthMax = 128;

/** What values past a bound are counted as. */
export const otherLabel = 'other';

/** A label whose values come from outside: the first `max` distinct ones are kept, all further ones are `other`. */
export class BoundedLabels {
  readonly #max: number;
  readonly #known = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** `value` itself when it is known or there is room for it, else `other`. */
  admit(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.#max || value === '' || value.length > labelLengthMax) return otherLabel;
    this.#known.add(value);
    return value;
  }

  /** As `admit`, but takes no room: for values that nothing has vouched for yet. */
  recall(value: string): string {
    return this.#known.has(value) ? value : otherLabel;
  }
}

import { toolIdOf } from './schema.ts';

/** Ids of one request's tool calls in Anthropic's alphabet, distinct where the originals are. */
export class CallIds {
  readonly #ids = new Map<string, string>();
  readonly #used = new Set<string>();

  /** The same original always gives the same id, in this request and, clashes aside, in all others. */
  of(original: string): string {
    const known = this.#ids.get(original);
    if (known !== undefined) return known;
    const base = toolIdOf(original) || 'call';
    let id = base;
    for (let suffix = 2; this.#used.has(id); suffix++) id = `${base}_${suffix}`;
    this.#ids.set(original, id);
    this.#used.add(id);
    return id;
  }
}

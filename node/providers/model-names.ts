/** An account's names for models: what clients ask for, and what its upstream calls it. */
export class ModelNames {
  readonly #map: ReadonlyMap<string, string>;
  /** Names that are the upstream's already. */
  readonly #ownNames: ReadonlySet<string>;

  constructor(modelMap: Readonly<Record<string, string>>) {
    this.#map = new Map(Object.entries(modelMap));
    this.#ownNames = new Set(this.#map.values());
  }

  /** The upstream's name for a name that a client asked for. */
  of(model: string): string {
    return this.#map.get(model) ?? model;
  }

  /** Whether a person's map leads to this name. */
  isOwn(model: string): boolean {
    return this.#ownNames.has(model);
  }

  /** The same where the caller may have asked before: a name that is the upstream's stays. */
  own(model: string): string {
    return this.isOwn(model) ? model : this.of(model);
  }
}

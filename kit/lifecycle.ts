/** Stops what was started, in reverse order. */
export class Lifecycle {
  readonly #stops: { name: string; stop: () => Promise<void> | void }[] = [];
  #stopping: Promise<void> | undefined;

  /** Registers how to stop a part that has just been started. */
  add(name: string, stop: () => Promise<void> | void): void {
    this.#stops.push({ name, stop });
  }

  /** Stops all parts, the last started first. A part that fails to stop does not keep the others from it; further calls wait for the first. */
  stop(onError: (name: string, error: unknown) => void): Promise<void> {
    this.#stopping ??= this.#stopAll(onError);
    return this.#stopping;
  }

  async #stopAll(onError: (name: string, error: unknown) => void): Promise<void> {
    for (const part of this.#stops.toReversed()) {
      try {
        await part.stop();
      } catch (error) {
        onError(part.name, error);
      }
    }
  }
}

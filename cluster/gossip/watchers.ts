import type { StateEntry } from './contract.ts';

/** Who wants to hear of changes of which keys. */
export class Watchers {
  readonly #watchers: { prefix: string; listener: (entry: StateEntry) => void }[] = [];

  add(prefix: string, listener: (entry: StateEntry) => void): void {
    this.#watchers.push({ prefix, listener });
  }

  tell(entry: StateEntry): void {
    for (const { prefix, listener } of this.#watchers) {
      if (entry.key.startsWith(prefix)) listener(entry);
    }
  }
}

import { LruMap } from '../../../kit/lru-map.ts';

/** Words and resets that are remembered; an outage of more accounts and members is the world's. */
const heardMax = 20_000;

interface Heard {
  readonly atMs: number;
  readonly heardMs: number;
}

/**
 * When something was said, by the wall clock of who said it, but never after it was first heard here: what a member
 * says whose clock is ahead must not outdo what is said later. A clock that is behind cannot be told from news that
 * took long.
 */
export class HeardTimes {
  readonly #heard = new LruMap<string, Heard>(heardMax);

  /** Wall ms. Call it when the thing is heard: the first call for a name and time is taken for that moment. */
  note(name: string, atMs: number, nowMs: number): number {
    const before = this.#heard.get(name);
    if (before?.atMs === atMs) return Math.min(atMs, before.heardMs);
    this.#heard.set(name, { atMs, heardMs: nowMs });
    return Math.min(atMs, nowMs);
  }
}

import type { Log } from '../../kit/log.ts';
import { LruMap } from '../../kit/lru-map.ts';

/** Things complained of at the same time; more than a mesh has peers and seeds. */
const grievancesMax = 256;

/** Says once what is wrong with a seed or a peer, again only when it is something else, and when it is over. */
export class Grievances {
  readonly #log: Log;
  readonly #raised = new LruMap<string, string>(grievancesMax);

  constructor(log: Log) {
    this.#log = log;
  }

  /** What is wrong now, in sentences. */
  get all(): readonly string[] {
    return [...new Set(this.#raised.values())];
  }

  raise(about: string, grievance: string): void {
    if (this.#raised.get(about) === grievance) return;
    this.#raised.set(about, grievance);
    this.#log.warn(grievance);
  }

  settled(about: string): void {
    const grievance = this.#raised.peek(about);
    if (grievance === undefined) return;
    this.#raised.delete(about);
    this.#log.info('This is over.', { grievance });
  }
}

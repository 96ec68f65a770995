import { toolIdOf } from '../anthropic/schema.ts';

/** Longest id of a call that is sent, characters; the service's own have some 30. */
const lengthMax = 64;
/** Room for what makes an id that is used again another one. */
const suffixLengthMax = 8;

/**
 * Ids of one request's calls: in the service's alphabet and used once each, since clients use an id again in a later
 * turn and the service refuses that.
 */
export class SentCallIds {
  readonly #used = new Set<string>();
  readonly #uses = new Map<string, number>();

  /** The id for the next call that has this one. */
  next(original: string): string {
    const base = toolIdOf(original).slice(0, lengthMax) || 'call';
    let uses = this.#uses.get(base) ?? 0;
    let id = uses === 0 ? base : numbered(base, uses + 1);
    while (this.#used.has(id)) id = numbered(base, ++uses + 1);
    this.#uses.set(base, uses + 1);
    this.#used.add(id);
    return id;
  }
}

function numbered(base: string, use: number): string {
  return `${base.slice(0, lengthMax - suffixLengthMax)}_${use}`;
}

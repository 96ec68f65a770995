import { randomBytes } from 'node:crypto';

/** All chance in the product comes through here, so that a simulator can replay it. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** `length` unpredictable bytes (a seeded source is predictable on purpose). */
  bytes(length: number): Uint8Array;
}

export const systemRandom: Random = {
  next: () => Math.random(),
  below: (bound) => Math.floor(Math.random() * bound),
  bytes: (length) => randomBytes(length),
};

/** Deterministic source for tests and the simulator (mulberry32; not for secrets). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return {
    next,
    below,
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
  };
}

const prefixLength = 10;

/**
 * Ids for requests: a random prefix of this process and a counter, so that one costs a concatenation. Unique across
 * processes with overwhelming odds (36^10 prefixes); not a secret.
 */
export class RequestIds {
  readonly #prefix: string;
  #count = 0;

  constructor(random: Random) {
    let prefix = 'req_';
    for (let position = 0; position < prefixLength; position++) prefix += random.below(36).toString(36);
    this.#prefix = prefix;
  }

  next(): string {
    this.#count++;
    return this.#prefix + this.#count.toString(36).padStart(6, '0');
  }
}

/** An unguessable-enough id of `length` base-36 characters, for ids inside answers; not a secret. */
export function requestId(random: Random, length = 20): string {
  let id = '';
  for (let position = 0; position < length; position++) id += random.below(36).toString(36);
  return id;
}

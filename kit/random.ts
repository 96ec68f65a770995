import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';

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

/** Characters of the time, in base 36: seconds since the epoch, until the year 4453. */
const timeLength = 7;
const prefixLength = 8;
const countLength = 6;
const requestIdForm = new RegExp(`^req_([0-9a-z]{${timeLength}})[0-9a-z]{${prefixLength + countLength},32}$`);

/**
 * Ids for requests: the second in which it was made, a random prefix of this process and a counter, so that one costs a
 * concatenation, and a trace is found by its id without an index of ids. Unique across processes with overwhelming odds
 * (36^8 prefixes in one second); not a secret.
 */
export class RequestIds {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #prefix: string;
  #stamp = '';
  /** Monotonic, milliseconds: from then on the stamp is of an earlier second. */
  #stampEndMs = -Infinity;
  #count = 0;

  constructor(random: Random, clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
    this.#prefix = requestId(random, prefixLength);
  }

  /** `monotonicMs`: now, which whoever takes a request has read already. */
  next(monotonicMs: number): string {
    if (monotonicMs >= this.#stampEndMs) this.#renewStamp(monotonicMs);
    this.#count++;
    return this.#stamp + this.#count.toString(36).padStart(countLength, '0');
  }

  #renewStamp(monotonicMs: number): void {
    const second = Math.max(0, Math.floor(this.#clock.nowMs() / 1000));
    this.#stamp = `req_${second.toString(36).padStart(timeLength, '0')}${this.#prefix}`;
    this.#stampEndMs = monotonicMs + 1000;
  }
}

/** Wall ms at which a request's id was made, at most two seconds early; undefined for what is no such id. */
export function requestIdTimeMs(id: string): number | undefined {
  const time = requestIdForm.exec(id)?.[1];
  return time === undefined ? undefined : Number.parseInt(time, 36) * 1000;
}

/** An unguessable-enough id of `length` base-36 characters, for ids inside answers; not a secret. */
export function requestId(random: Random, length = 20): string {
  let id = '';
  for (let position = 0; position < length; position++) id += random.below(36).toString(36);
  return id;
}

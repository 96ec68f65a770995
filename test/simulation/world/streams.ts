import { seededRandom, type Random } from '../../../kit/random.ts';

/** A source of chance of its own for each purpose, so that one more draw here does not change everything there. */
export function randomStream(seed: number, purpose: string): Random {
  let hash = 2_166_136_261 ^ seed;
  for (let position = 0; position < purpose.length; position++) {
    hash = Math.imul(hash ^ purpose.charCodeAt(position), 16_777_619);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_519);
  return seededRandom(hash ^ (hash >>> 13));
}

/** Waiting time of something that happens every `meanMs` on average, at no particular time. */
export function exponentialMs(random: Random, meanMs: number): number {
  return -Math.log(1 - random.next()) * meanMs;
}

export function between(random: Random, min: number, max: number): number {
  return min + random.next() * (max - min);
}

export function pick<T>(random: Random, from: readonly T[]): T | undefined {
  return from[random.below(from.length)];
}

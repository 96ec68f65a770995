import type { Clock } from '../../kit/clock.ts';
import type { Answer, CacheLabel, KeptAnswer } from './contract.ts';

/**
 * What an entry costs beside its bytes and names: the objects, the buffer's own store, its place in the table. By resident
 * memory of Node 26 with 100,000 entries of 100 bytes (1,410 bytes each, names included).
 */
export const entryOverheadBytes = 1200;

/** A kept answer with its neighbours in the order of use. */
export class Entry implements KeptAnswer {
  newer: Entry | undefined;
  older: Entry | undefined;
  readonly key: string;
  readonly model: string;
  readonly tags: readonly string[];
  readonly body: Buffer;
  readonly dropped: string;
  /** Monotonic: when the question was put to the upstream. */
  readonly begunMs: number;
  readonly sizeBytes: number;
  readonly #clock: Clock;
  readonly #bornMs: number;
  readonly #bornWallMs: number;

  /** `ageMs` is how long ago the upstream gave it. */
  constructor(label: CacheLabel, answer: Answer, begunMs: number, ageMs: number, clock: Clock) {
    this.key = label.key;
    this.model = label.model;
    this.tags = label.tags;
    this.body = ownCopy(answer.body);
    this.dropped = answer.dropped;
    this.begunMs = begunMs;
    this.sizeBytes = entrySizeBytes(label, answer);
    this.#clock = clock;
    this.#bornMs = clock.monotonicMs() - ageMs;
    this.#bornWallMs = clock.nowMs() - ageMs;
  }

  /** By both clocks, the greater: monotonic time stands still while a machine sleeps, wall time may be set back. */
  ageMs(): number {
    return Math.max(0, this.#clock.monotonicMs() - this.#bornMs, this.#clock.nowMs() - this.#bornWallMs);
  }
}

/** What an answer counts for against the bound. Names count two bytes a character, the most that they can take. */
export function entrySizeBytes(label: CacheLabel, answer: Answer): number {
  const names = label.tags.reduce((sum, tag) => sum + tag.length, label.key.length + label.model.length);
  return entryOverheadBytes + answer.body.length + 2 * (names + answer.dropped.length);
}

/** What came from a socket is part of a larger buffer, which must not be kept alive with it. */
function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

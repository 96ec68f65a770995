import type { Clock } from '../../kit/clock.ts';
import { Ewma } from '../../kit/ewma.ts';
import { LruMap } from '../../kit/lru-map.ts';

/** Rounds whose answers are still measured, though a later one has begun: slow answers come to those. */
const roundsMax = 16;
const newestShare = 0.3;

/**
 * How long a step of an election takes where it must be on disk before it is answered: durable writes of this node, and
 * answers of those that write before they give them.
 */
export class StepTimes {
  readonly #clock: Clock;
  readonly #stepMsMax: number;
  readonly #stepMs = new Ewma(newestShare);
  readonly #writingSinceMs = new Set<{ readonly ms: number }>();
  readonly #askedAtMs = new LruMap<number, number>(roundsMax);

  /** Steps that took longer than `stepMsMax` count as that long. */
  constructor(clock: Clock, stepMsMax = Infinity) {
    this.#clock = clock;
    this.#stepMsMax = stepMsMax;
  }

  /** True while a write of this node is under way: it has an answer of its own to wait for. */
  get isWriting(): boolean {
    return this.#writingSinceMs.size > 0;
  }

  /** Milliseconds; a write that has not ended yet counts for as long as it has taken. */
  get slowestMs(): number {
    const [oldest] = this.#writingSinceMs;
    return Math.max(this.#stepMs.value, oldest === undefined ? 0 : this.#sinceMs(oldest.ms));
  }

  /** A durable write begins; call what is returned when it has ended. */
  beginWrite(): () => void {
    const since = { ms: this.#clock.monotonicMs() };
    this.#writingSinceMs.add(since);
    return () => {
      this.#writingSinceMs.delete(since);
      const tookMs = this.#sinceMs(since.ms);
      // What the disk had already tells nothing.
      if (tookMs > 0) this.#stepMs.add(tookMs);
    };
  }

  /** The others were asked something in a round of this term. */
  asked(term: number): void {
    this.#askedAtMs.set(term, this.#clock.monotonicMs());
  }

  /** One of them answered, maybe after a later round has begun. */
  answered(term: number): void {
    const askedMs = this.#askedAtMs.peek(term);
    if (askedMs !== undefined) this.#stepMs.add(this.#sinceMs(askedMs));
  }

  #sinceMs(startedMs: number): number {
    return Math.min(this.#stepMsMax, this.#clock.monotonicMs() - startedMs);
  }
}

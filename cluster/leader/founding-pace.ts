import { Ewma } from '../../kit/ewma.ts';
import { LruMap } from '../../kit/lru-map.ts';
import type { Environment } from '../environment.ts';

/** Rounds whose answers are still measured, though a later one has begun: slow answers come to those. */
const roundsMax = 16;
/** Each write of a round may wait for others of this disk; three follow one another before the next is heard of. */
const stepsPerRound = 8;
const newestShare = 0.3;

/**
 * How long founders wait before they ask again. Promises and proposals are on disk before they are answered, so where
 * disks are slow a round takes long, and those who ask sooner only overtake each other, for ever. The wait grows with
 * the measured time of a durable write, of this node and of those that answer it.
 */
export class FoundingPace {
  readonly #environment: Environment;
  readonly #stepMs = new Ewma(newestShare);
  readonly #writingSinceMs = new Set<{ readonly ms: number }>();
  readonly #askedAtMs = new LruMap<number, number>(roundsMax);

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** True while a write of this node is under way: it has an answer of its own to wait for. */
  get isWriting(): boolean {
    return this.#writingSinceMs.size > 0;
  }

  /** A durable write begins; call what is returned when it has ended. */
  beginWrite(): () => void {
    const since = { ms: this.#nowMs };
    this.#writingSinceMs.add(since);
    return () => {
      this.#writingSinceMs.delete(since);
      const tookMs = this.#nowMs - since.ms;
      // What the disk had already tells nothing.
      if (tookMs > 0) this.#stepMs.add(tookMs);
    };
  }

  /** The others were asked something in a round of this term. */
  asked(term: number): void {
    this.#askedAtMs.set(term, this.#nowMs);
  }

  /** One of them answered, maybe after a later round has begun. */
  answered(term: number): void {
    const askedMs = this.#askedAtMs.peek(term);
    if (askedMs !== undefined) this.#stepMs.add(this.#nowMs - askedMs);
  }

  /** `isQuick`: all founders are here and nobody has asked; the chance keeps them from asking at once. */
  delayMs(isQuick: boolean): number {
    const { timing, random } = this.#environment;
    const { heartbeatMs, electionMinMs } = timing;
    const share = random.next();
    const usualMs = isQuick ? heartbeatMs * (0.2 + share * 2) : electionMinMs * (0.25 + share * 0.5);
    return Math.max(usualMs, this.#slowestStepMs * stepsPerRound * (0.25 + share * 0.5));
  }

  /** A write that has not ended yet counts for as long as it has taken. */
  get #slowestStepMs(): number {
    const [oldest] = this.#writingSinceMs;
    return Math.max(this.#stepMs.value, oldest === undefined ? 0 : this.#nowMs - oldest.ms);
  }

  get #nowMs(): number {
    return this.#environment.clock.monotonicMs();
  }
}

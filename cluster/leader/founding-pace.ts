import type { Environment } from '../environment.ts';
import { StepTimes } from './step-times.ts';

/** Each write of a round may wait for others of this disk; three follow one another before the next is heard of. */
const stepsPerRound = 8;

/**
 * How long founders wait before they ask again. Promises and proposals are on disk before they are answered, so where
 * disks are slow a round takes long, and those who ask sooner only overtake each other, for ever. The wait grows with
 * the measured time of a durable write, of this node and of those that answer it.
 */
export class FoundingPace extends StepTimes {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    super(environment.clock);
    this.#environment = environment;
  }

  /** `isQuick`: all founders are here and nobody has asked; the chance keeps them from asking at once. */
  delayMs(isQuick: boolean): number {
    const { timing, random } = this.#environment;
    const { heartbeatMs, electionMinMs } = timing;
    const share = random.next();
    const usualMs = isQuick ? heartbeatMs * (0.2 + share * 2) : electionMinMs * (0.25 + share * 0.5);
    return Math.max(usualMs, this.slowestMs * stepsPerRound * (0.25 + share * 0.5));
  }
}

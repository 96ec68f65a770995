import type { Environment } from '../environment.ts';
import type { VoteStore } from './contract.ts';
import { StepTimes } from './step-times.ts';

/** Vote of the candidate, votes of the others, configuration of the winner; each may wait for another of its disk. */
const stepsPerElection = 6;

/**
 * How long a voter that hears no leader waits before it stands. Votes are on disk before they are given, so where disks
 * are slow an election takes long, and those who stand sooner only outbid each other's terms, for ever.
 */
export class ElectionPace extends StepTimes {
  readonly #environment: Environment;

  /** A step that took longer than an election may was a standstill, not a disk. */
  constructor(environment: Environment) {
    super(environment.clock, environment.timing.electionMaxMs);
    this.#environment = environment;
  }

  /** The store, its writes measured. */
  timed(store: VoteStore): VoteStore {
    return {
      save: (state, done) => {
        const wrote = this.beginWrite();
        store.save(state, (error) => {
          wrote();
          done(error);
        });
      },
    };
  }

  /** At least `quietMs`, and half a silence; beyond it a chance that keeps voters from standing at once. */
  delayMs(quietMs: number): number {
    const { timing, random } = this.#environment;
    const { electionMinMs, electionMaxMs } = timing;
    const share = random.next();
    const usualMs = Math.max(quietMs, electionMinMs / 2) + share * (electionMaxMs - electionMinMs);
    return Math.max(usualMs, this.slowestMs * stepsPerElection * (0.5 + share));
  }
}

import { withMisfortunes } from './misfortunes-of.ts';
import type { Plan } from '../plan.ts';
import type { PlantedBug } from './planted-bug.ts';

const spentTwice = ['a token is spent once'] as const;

/** The power fails while answers of the issuer are on their way. */
function blackouts(plan: Plan): Plan {
  return {
    ...withMisfortunes(plan, { blackoutMeanMs: 4000 }),
    issuer: { answerMeanMs: 1500, lateRate: 0.5, lostRate: 0 },
  };
}

export const intentBugs: readonly PlantedBug[] = [
  {
    name: 'no-doubt',
    finds: spentTwice,
    seeds: [12, 30],
    plan: (plan) => ({
      ...withMisfortunes(plan, { killMeanMs: 5000, pauseMeanMs: 5000, pauseMaxMs: 9000 }),
      issuer: { answerMeanMs: 2500, lateRate: 0.5, lostRate: 0.1 },
    }),
    timing: (part, timing) => (part === 'intents' ? { ...timing, doubtMs: 0 } : timing),
  },
  {
    name: 'intents-durable-only-at-their-holder',
    finds: spentTwice,
    seeds: [1, 30],
    plan: blackouts,
    intentStore: (store, { nodeId }) => ({
      save(intents, done) {
        // The others keep no more than the mark that they were told what all know.
        const kept = intents.filter(({ key, holder }) => key === '' || holder === nodeId);
        if (kept.length > 0) store.save(kept, done);
        else done();
      },
    }),
  },
  {
    name: 'intent-acknowledged-before-durable',
    finds: spentTwice,
    seeds: [1, 30],
    plan: blackouts,
    intentStore: (store, { clock }) => ({
      save(intents, done) {
        if (intents.every(({ key }) => key === '')) return store.save(intents, done);
        // The write takes its time, and nobody waits for it.
        clock.after(1000, () => store.save(intents, () => undefined));
        done();
      },
    }),
  },
  {
    name: 'late-answer-counts-as-released',
    finds: spentTwice,
    seeds: [1, 6],
    plan: (plan) => ({ ...plan, issuer: { answerMeanMs: 1500, lateRate: 0.3, lostRate: 0 } }),
    releasesWhenLate: true,
  },
];

import { withMisfortunes } from './misfortunes-of.ts';
import type { PlantedBug } from './planted-bug.ts';

const spentTwice = ['a token is spent once'] as const;

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
    name: 'intents-not-durable',
    finds: spentTwice,
    seeds: [15, 30],
    plan: (plan) => ({
      ...withMisfortunes(plan, { killMeanMs: 700, powerLossRate: 0 }),
      issuer: { answerMeanMs: 2500, lateRate: 0.5, lostRate: 0.1 },
    }),
    intentStore: (store) => ({
      save(intents, done) {
        // Only the mark that this voter was told what the others know.
        if (intents.every(({ key }) => key === '')) store.save(intents, done);
        else done();
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

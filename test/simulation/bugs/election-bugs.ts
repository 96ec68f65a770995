import { withMisfortunes } from './misfortunes-of.ts';
import type { PlantedBug } from './planted-bug.ts';

const twoLeaders = ['one lease holder', 'one leader a term', 'terms only rise'] as const;

export const electionBugs: readonly PlantedBug[] = [
  {
    name: 'vote-not-persisted',
    finds: twoLeaders,
    seeds: [1, 4],
    plan: (plan) => withMisfortunes(plan, { killMeanMs: 6000 }),
    voteStore: (store) => ({
      save(state, done) {
        // Only the configuration reaches the disk.
        store.save({ ...state, term: 0, votedFor: undefined }, done);
      },
    }),
  },
  {
    name: 'vote-answered-before-durable',
    finds: twoLeaders,
    seeds: [1, 8],
    plan: (plan) => withMisfortunes(plan, { killMeanMs: 3000 }),
    voteStore: (store, { clock }) => ({
      save(state, done) {
        clock.after(4000, () => store.save(state, () => undefined));
        done();
      },
    }),
  },
  {
    name: 'lease-in-wall-time',
    finds: twoLeaders,
    seeds: [1, 20],
    plan: (plan) => withMisfortunes(plan, { wallJumpMeanMs: 4000, wallJumpMaxMs: 4000, partitionMeanMs: 4000 }),
    clock: (part, clock) =>
      part !== 'election'
        ? clock
        : {
            nowMs: () => clock.nowMs(),
            monotonicMs: () => clock.nowMs(),
            after: (delayMs, action) => clock.after(delayMs, action),
            every: (periodMs, action) => clock.every(periodMs, action),
            sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
          },
  },
  {
    name: 'quorum-of-the-living',
    finds: twoLeaders,
    seeds: [1, 4],
    plan: (plan) => withMisfortunes(plan, { partitionMeanMs: 6000 }),
    policy: 'available',
  },
];

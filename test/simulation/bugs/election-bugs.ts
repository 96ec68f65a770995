import type { Clock } from '../../../kit/clock.ts';
import type { Misfortunes } from '../plan.ts';
import { withMisfortunes } from './misfortunes-of.ts';
import type { Post } from '../../../cluster/post/contract.ts';
import type { PlantedBug } from './planted-bug.ts';
import { TamperedPost } from './tampered-post.ts';

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
    seeds: [6, 24],
    plan: (plan) => withMisfortunes(plan, { partitionMeanMs: 4000 }),
    // Every second host has its wall clock slewed back to true time after it had been ahead: for long it goes slowly.
    clock: (part, clock, { host }) => (part === 'election' && host.index % 2 === 1 ? slewed(clock) : clock),
  },
  {
    name: 'quorum-of-the-living',
    finds: twoLeaders,
    seeds: [1, 4],
    plan: (plan) => withMisfortunes(plan, { partitionMeanMs: 6000 }),
    policy: 'available',
  },
  {
    name: 'lease-counted-from-the-acknowledgement',
    finds: twoLeaders,
    seeds: [1, 8],
    // Acknowledgements come late to a leader that reads slowly, and still come when it is not heard any more.
    plan: (plan) => ({
      ...withMisfortunes(plan, { ...noCuts, fadingMeanMs: 2000 }),
      nodes: 3,
      disk: { ...plan.disk, writeMeanMs: 1 },
    }),
    post: (part, post) => (part === 'election' ? creditingTheNewest(post) : post),
  },
];

/** What would break connections, or end the leader, before acknowledgements have come late. */
const noCuts: Partial<Misfortunes> = {
  killMeanMs: undefined,
  pauseMeanMs: undefined,
  partitionMeanMs: undefined,
  oneWayMeanMs: undefined,
  bridgeMeanMs: undefined,
  breakMeanMs: undefined,
  leaveMeanMs: undefined,
};

/** What is acknowledged is taken for the heartbeat that was sent last. */
function creditingTheNewest(post: Post): Post {
  let newest: unknown;
  return new TamperedPost(post, {
    say(_to, kind, body) {
      if (kind === 'leader/heartbeat') newest = (body as { sequence: unknown }).sequence;
      return body;
    },
    hear(_from, kind, body) {
      const isCredited = kind === 'leader/ack' && typeof body === 'object' && body !== null && 'sequence' in body;
      return isCredited && body.sequence !== undefined ? { ...body, sequence: newest } : body;
    },
  });
}

function slewed(clock: Clock): Clock {
  return {
    nowMs: () => clock.monotonicMs() * 0.4,
    monotonicMs: () => clock.monotonicMs() * 0.4,
    after: (delayMs, action) => clock.after(delayMs, action),
    every: (periodMs, action) => clock.every(periodMs, action),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
  };
}

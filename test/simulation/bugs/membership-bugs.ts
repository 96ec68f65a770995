import type { Membership, MembershipDesk } from '../../../cluster/membership/contract.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { withMisfortunes } from './misfortunes-of.ts';
import type { PlantedBug } from './planted-bug.ts';
import { TamperedPost } from './tampered-post.ts';

interface Claim {
  readonly id: string;
  readonly inc: number;
  /** 0 alive, 1 suspect, 2 dead, 3 left. */
  readonly s: number;
}

export const membershipBugs: readonly PlantedBug[] = [
  {
    name: 'incarnation-not-raised-at-restart',
    finds: [
      'everything converges',
      'no old incarnation comes back',
      'what a node says never falls',
      'what is heard was said',
    ],
    seeds: [1, 6],
    plan: (plan) => withMisfortunes(plan, { killMeanMs: 6000 }),
    incarnation: (kept, wallMs) => (kept === 0 ? wallMs : kept),
  },
  {
    name: 'stale-gossip-revives-the-dead',
    finds: ['everything converges', 'everything is bounded'],
    seeds: [8, 24],
    plan: (plan) => withMisfortunes(plan, { leaveMeanMs: 6000, removalMeanMs: 8000 }),
    post: (part, post, process) =>
      part !== 'membership'
        ? post
        : new TamperedPost(post, { hear: (_from, _kind, body) => changed(body, (claim) => revived(process, claim)) }),
  },
  {
    name: 'no-time-to-answer',
    finds: ['nobody who answers is declared dead'],
    seeds: [1, 6],
    timing: (part, timing) =>
      part === 'membership' ? { ...timing, probeTimeoutMs: 1, suspicionMinMs: 2, suspicionMaxMs: 4 } : timing,
  },
  {
    name: 'no-refutation',
    finds: ['nobody who answers is declared dead', 'everything converges'],
    seeds: [1, 6],
    plan: (plan) => withMisfortunes(plan, { pauseMeanMs: 5000, pauseMaxMs: 4000 }),
    post: (part, post, { nodeId }) =>
      part !== 'membership'
        ? post
        : new TamperedPost(post, { hear: (_from, _kind, body) => withoutAccusations(body, nodeId) }),
    membership: (part, membership, { nodeId }) =>
      part !== 'links' ? membership : deafTo(membership, (table) => withoutAccusations(table, nodeId)),
  },
];

/** It never hears that it is said to be anything but alive. */
function withoutAccusations(body: unknown, self: string): unknown {
  if (typeof body !== 'object' || body === null || !('c' in body) || !Array.isArray(body.c)) return body;
  return { ...body, c: (body.c as Claim[]).filter(({ id, s }) => id !== self || s === 0) };
}

/** The same membership, which learns of a table only what is left of it. */
function deafTo(
  membership: Membership & MembershipDesk,
  left: (table: unknown) => unknown,
): Membership & MembershipDesk {
  return new Proxy(membership, {
    get(target, name: keyof (Membership & MembershipDesk)) {
      if (name === 'learned') return (from: string, table: unknown) => target.learned(from, left(table));
      const value: unknown = target[name];
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Any word of one that is dead here is taken for a sign of its life. */
function revived(process: SimProcess, claim: Claim): Claim {
  const member = process.parts.membership.get(claim.id);
  const isGone = member?.state === 'dead' || member?.state === 'left';
  return isGone ? { ...claim, inc: member.incarnation + 1, s: 0 } : claim;
}

function changed(body: unknown, change: (claim: Claim) => Claim): unknown {
  if (typeof body !== 'object' || body === null || !('c' in body) || !Array.isArray(body.c)) return body;
  return { ...body, c: (body.c as Claim[]).map(change) };
}

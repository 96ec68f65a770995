import type { SharedState } from '../../../cluster/gossip/contract.ts';
import type { KeptQuotas } from '../../../cluster/quota/contract.ts';
import { stampOf } from '../../../cluster/quota/era.ts';
import type { SimProcess } from '../world/sim-process.ts';
import type { Membership, MembershipDesk, MembershipObserver, NodeId } from '../../../cluster/membership/contract.ts';
import type { Body, Post } from '../../../cluster/post/contract.ts';
import type { Clock } from '../../../kit/clock.ts';
import { withMisfortunes } from './misfortunes-of.ts';
import type { PlantedBug } from './planted-bug.ts';
import { TamperedPost } from './tampered-post.ts';

const exceeded = ['a limit is never exceeded'] as const;

interface Loan {
  readonly a: number;
  readonly l: number | null;
  readonly t: number;
}

function isLoan(service: string, body: Body): body is Loan {
  return service === 'quota/borrow' && typeof body === 'object' && body !== null && 'a' in body;
}

/** A borrower that believes a loan to last longer than its lender does. */
class LongerLoans extends TamperedPost {
  readonly #post: Post;
  readonly #clock: Clock;

  constructor(post: Post, clock: Clock) {
    super(post, {});
    this.#post = post;
    this.#clock = clock;
  }

  override ask(
    to: NodeId,
    service: string,
    body: Body,
    timeoutMs: number,
    done: (answer: Body | undefined) => void,
  ): void {
    const askedMs = this.#clock.monotonicMs();
    this.#post.ask(to, service, body, timeoutMs, (answer) => {
      if (!isLoan(service, answer) || answer.l === null) return done(answer);
      done({ ...answer, l: answer.l + this.#clock.monotonicMs() - askedMs });
    });
  }
}

const nothing: Pick<KeptQuotas, 'state' | 'marked' | 'counts' | 'loans'> = {
  state: 'stopped',
  marked: [],
  counts: [],
  loans: [],
};

export const quotaBugs: readonly PlantedBug[] = [
  {
    name: 'loans-counted-from-their-answer',
    finds: exceeded,
    seeds: [10, 40],
    plan: (plan) => withMisfortunes(plan, { pauseMeanMs: 400, pauseMaxMs: 3000 }),
    post: (part, post, { clock }) => (part === 'quotas' ? new LongerLoans(post, clock) : post),
  },
  {
    name: 'loans-spent-after-their-end',
    finds: exceeded,
    seeds: [1, 20],
    post: (part, post) =>
      part !== 'quotas'
        ? post
        : new TamperedPost(post, {
            hear: (_from, kind, body) => (isLoan(kind, body) && body.l !== null ? { ...body, l: body.l * 4 } : body),
          }),
  },
  {
    name: 'loans-given-back-and-kept',
    finds: exceeded,
    seeds: [1, 10],
    post: (part, post) =>
      part !== 'quotas'
        ? post
        : new TamperedPost(post, {
            say: (_to, kind, body) => (kind === 'quota/return' ? { ...(body as object), s: [] } : body),
          }),
  },
  {
    name: 'restart-forgets-what-was-taken',
    finds: exceeded,
    seeds: [1, 20],
    plan: (plan) => withMisfortunes(plan, { killMeanMs: 3000 }),
    keptQuotas: (kept) => (kept === undefined ? undefined : { ...kept, ...nothing }),
  },
  {
    name: 'marks-not-written',
    finds: exceeded,
    seeds: [1, 30],
    plan: (plan) => withMisfortunes(plan, { killMeanMs: 3000 }),
    quotaStore: (store) => ({ save: (kept, done) => store.save({ ...kept, marked: [] }, done) }),
  },
  {
    name: 'lost-disk-taken-for-a-first-start',
    finds: exceeded,
    seeds: [1, 40],
    plan: (plan) => withMisfortunes(plan, { killMeanMs: 3000, diskLossRate: 0.9 }),
    quotaState: (state, { nodeId }) =>
      new OthersSay(state, (said) => ({ ...said, b: true, k: { [nodeId]: ownEpoch(state, nodeId) } })),
  },
  {
    name: 'gains-without-waiting',
    finds: exceeded,
    seeds: [1, 40],
    plan: (plan) => withMisfortunes(plan, { joinMeanMs: 3000, partitionMeanMs: 5000 }),
    quotaState: (state, process) => new OthersSay(state, (said) => ({ ...said, c: stampOfConfig(process) })),
  },
  {
    name: 'shares-of-the-cut-off-kept',
    finds: exceeded,
    seeds: [1, 60],
    plan: (plan) => ({
      ...withMisfortunes(plan, { partitionMeanMs: 4000 }),
      timing: { ...plan.timing, deadVoterKeepMs: 4000 },
    }),
    timing: (part, timing) => (part === 'quotas' ? { ...timing, deadVoterKeepMs: 1e9 } : timing),
  },
  {
    name: 'units-in-use-freed-with-a-death',
    finds: exceeded,
    seeds: [1, 40],
    plan: (plan) => withMisfortunes(plan, { partitionMeanMs: 3000 }),
    membership: (part, membership) => (part === 'quotas' ? takingTheDeadForGone(membership) : membership),
  },
  {
    name: 'returns-lost',
    finds: ['units come back'],
    seeds: [1, 10],
    post: (part, post) =>
      part !== 'quotas'
        ? post
        : new TamperedPost(post, {
            say: (_to, kind, body) => (kind === 'quota/return' ? undefined : body),
            hear: (_from, kind, body) => (kind === 'quota/held' ? undefined : body),
          }),
  },
];

/** What others say of themselves, as a mistaken node hears it. */
class OthersSay implements SharedState {
  readonly #state: SharedState;
  readonly #heard: (said: Record<string, unknown>) => unknown;

  constructor(state: SharedState, heard: (said: Record<string, unknown>) => unknown) {
    this.#state = state;
    this.#heard = heard;
  }

  get(node: NodeId, key: string): unknown {
    const value = this.#state.get(node, key);
    return key === 'quotas' ? this.#heard((value ?? {}) as Record<string, unknown>) : value;
  }

  set(key: string, value: unknown, isUrgent?: boolean): void {
    this.#state.set(key, value, isUrgent);
  }

  delete(key: string, isUrgent?: boolean): void {
    this.#state.delete(key, isUrgent);
  }

  each(prefix: string, visit: Parameters<SharedState['each']>[1]): void {
    this.#state.each(prefix, visit);
  }

  watch(prefix: string, listener: Parameters<SharedState['watch']>[1]): void {
    this.#state.watch(prefix, listener);
  }

  digest(): string {
    return this.#state.digest();
  }
}

function ownEpoch(state: SharedState, self: NodeId): unknown {
  return (state.get(self, 'quotas') as { e?: unknown } | undefined)?.e;
}

function stampOfConfig({ parts }: SimProcess): unknown {
  const { config } = parts.election;
  return config === undefined ? undefined : stampOf(config);
}

/** A death notice is heard as if the member had said that it leaves. */
function takingTheDeadForGone(membership: Membership & MembershipDesk): Membership & MembershipDesk {
  const observe = (observer: MembershipObserver) =>
    membership.observe({
      memberChanged: (member, before) =>
        observer.memberChanged?.(member.state === 'dead' ? { ...member, state: 'left' } : member, before),
    });
  return new Proxy(membership, {
    get(target, name: keyof (Membership & MembershipDesk)) {
      if (name === 'observe') return observe;
      const value: unknown = target[name];
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

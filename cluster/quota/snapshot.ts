import type { Clock } from '../../kit/clock.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import type { Bucket } from './bucket.ts';
import type { Buckets } from './buckets.ts';
import type { KeptLoan, KeptQuotas } from './contract.ts';
import { keptBucketsMax } from './limits.ts';
import type { Reckoning } from './reckoning.ts';

export interface SnapshotOptions {
  readonly clock: Clock;
  readonly self: NodeId;
  readonly membership: Membership;
  readonly buckets: Buckets;
  readonly reckoning: Reckoning;
  /** Of buckets that were not opened yet. */
  readonly keptLoans: ReadonlyMap<string, readonly KeptLoan[]>;
  /** Buckets that may have lent units without a window. */
  readonly lenders: () => readonly Bucket[];
  readonly windowMaxMs: () => number;
}

/** What the next process of this node must know. */
export class Snapshot {
  readonly #options: SnapshotOptions;

  constructor(options: SnapshotOptions) {
    this.#options = options;
  }

  /** `isLast`: nothing is taken after it. */
  take(isLast: boolean): KeptQuotas {
    const { clock, self, membership, reckoning, windowMaxMs } = this.#options;
    const { past, standing, voters } = reckoning;
    const nowMs = clock.monotonicMs();
    const isExact = isLast && past.isExact(nowMs, windowMaxMs());
    return {
      state: past.isUnknown ? 'unknown' : isExact ? 'stopped' : 'running',
      mayBeTakenOut: isLast && voters.some((voter) => voter !== self && membership.isLive(voter)),
      standing: standing.kept,
      ...(isExact ? this.#counts(nowMs) : { marked: this.#marked(), counts: [] }),
      loans: this.useLoans(),
    };
  }

  useLoans(): KeptLoan[] {
    const { lenders, keptLoans } = this.#options;
    const open = lenders().flatMap((bucket) =>
      (bucket.account?.given.all() ?? []).map(({ borrower, id, amount }) => ({
        bucket: bucket.name,
        borrower,
        id,
        amount,
      })),
    );
    return [...open, ...[...keptLoans.values()].flat()];
  }

  #marked(): string[] {
    const { reckoning, buckets } = this.#options;
    const marked = new Set(reckoning.past.inherited);
    for (const bucket of buckets) if (bucket.isMarked || bucket.isMarkWanted) marked.add(bucket.name);
    return [...marked];
  }

  /** What counts of every bucket; of those that are too many only that all of them may be taken. */
  #counts(nowMs: number): Pick<KeptQuotas, 'marked' | 'counts'> {
    const { buckets, reckoning } = this.#options;
    const own = [...buckets].map(({ name, account }) => ({ bucket: name, counts: account?.counts(nowMs) ?? [] }));
    const carried = reckoning.past.carried(nowMs, (bucket) => buckets.peek(bucket) !== undefined);
    const counted = [...own, ...carried.counts].filter(({ counts }) => counts.length > 0);
    const tooMany = counted.slice(keptBucketsMax).map(({ bucket }) => bucket);
    return { marked: [...carried.all, ...tooMany], counts: counted.slice(0, keptBucketsMax) };
  }
}

import type { Clock } from '../../kit/clock.ts';
import type { Member, Membership, NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { Bucket } from './bucket.ts';
import type { Buckets } from './buckets.ts';
import type { GivenLoan } from './given-loans.ts';
import { auditAfterMs, auditMs, keptLoansMax } from './limits.ts';
import { encodeHeld, readHeld, type HeldAnswer } from './quota-messages.ts';

export interface UseAuditsOptions {
  readonly clock: Clock;
  readonly post: Post;
  readonly membership: Membership;
  readonly buckets: Buckets;
  readonly askTimeoutMs: number;
  /** A borrower that nobody has heard of for so long is gone, and its requests with it. */
  readonly goneMs: number;
  /** Those who answered all what they have of this node. */
  readonly answered: (borrower: NodeId) => void;
  /** Whoever must be asked although this node knows of no loan to it. */
  readonly mustAsk: () => readonly NodeId[];
}

/**
 * Loans without a window end by nobody's clock: their lender asks now and then who still has them. That finds what was
 * given back or lent without being heard, and what a lender forgot with its disk.
 */
export class UseAudits {
  readonly #options: UseAuditsOptions;
  /** Buckets that have, or had, loans of this kind given. */
  readonly #lenders = new Set<Bucket>();
  readonly #deadSinceMs = new Map<NodeId, number>();
  readonly #asking = new Set<NodeId>();
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: UseAuditsOptions) {
    this.#options = options;
    options.post.serve('quota/held', (from, _body, answer) => answer(this.#held(from)));
    options.membership.observe({ memberChanged: (member) => this.#memberChanged(member) });
  }

  get lenders(): readonly Bucket[] {
    return [...this.#lenders];
  }

  lent(bucket: Bucket): void {
    this.#lenders.add(bucket);
  }

  tick(nowMs: number): void {
    if (nowMs - this.#lastMs < auditMs) return;
    this.#lastMs = nowMs;
    const borrowers = new Set(this.#options.mustAsk());
    for (const bucket of this.#lenders) {
      const loans = bucket.account?.given.all() ?? [];
      if (loans.length === 0 || bucket.isDropped) this.#lenders.delete(bucket);
      for (const { borrower } of loans) borrowers.add(borrower);
    }
    for (const borrower of borrowers) this.#look(borrower, nowMs);
    for (const node of this.#deadSinceMs.keys()) if (!borrowers.has(node)) this.#deadSinceMs.delete(node);
  }

  #look(borrower: NodeId, nowMs: number): void {
    const { membership, post } = this.#options;
    if (post.isReachable(borrower)) this.#ask(borrower, nowMs);
    if (membership.isLive(borrower)) {
      this.#deadSinceMs.delete(borrower);
      return;
    }
    const sinceMs = this.#deadSinceMs.get(borrower) ?? nowMs;
    this.#deadSinceMs.set(borrower, sinceMs);
    if (nowMs - sinceMs >= this.#options.goneMs) this.#closeAllOf(borrower);
  }

  #ask(borrower: NodeId, nowMs: number): void {
    const { post, askTimeoutMs } = this.#options;
    if (this.#asking.has(borrower)) return;
    this.#asking.add(borrower);
    post.ask(borrower, 'quota/held', {}, askTimeoutMs, (body) => {
      this.#asking.delete(borrower);
      const answer = readHeld(body);
      if (answer !== undefined) this.#compare(borrower, answer, nowMs);
    });
  }

  /** Its word against the book: loans that it cannot have got yet are left alone. */
  #compare(borrower: NodeId, { loans, isMore }: HeldAnswer, askedMs: number): void {
    const known = new Map<string, ReadonlySet<number>>();
    for (const [bucket, ofBucket] of Map.groupBy(loans, (loan) => loan.bucket)) {
      known.set(bucket, new Set(ofBucket.map(({ id }) => id)));
    }
    for (const bucket of this.#lenders) {
      for (const loan of bucket.account?.given.all() ?? []) {
        const isSure = loan.borrower === borrower && loan.givenMs + auditAfterMs < askedMs && !isMore;
        if (isSure && known.get(bucket.name)?.has(loan.id) !== true) close(bucket, loan);
      }
    }
    for (const { bucket, id, amount } of loans) this.#adopt(bucket, { borrower, id, amount, askedMs });
    if (!isMore) this.#options.answered(borrower);
  }

  /** A loan that this node does not know of: it was given by an earlier process, or its return is on its way. */
  #adopt(name: string, { borrower, id, amount, askedMs }: Omit<GivenLoan, 'givenMs' | 'endMs'> & { askedMs: number }) {
    const bucket = this.#options.buckets.openLimited(name);
    const given = bucket?.account?.given;
    if (bucket?.isUse !== true || given === undefined || given.get(borrower, id) !== undefined) return;
    if (given.size >= keptLoansMax) return;
    given.add({ borrower, id, amount, givenMs: askedMs, endMs: Number.POSITIVE_INFINITY });
    this.lent(bucket);
  }

  /** What this node has of the asker; anything else of it that is on its way will not be taken. */
  #held(lender: NodeId): unknown {
    const loans: { bucket: string; id: number; amount: number }[] = [];
    const nowMs = this.#options.clock.monotonicMs();
    for (const bucket of this.#options.buckets) {
      if (!bucket.isUse) continue;
      bucket.voidQuestions(lender);
      for (const loan of bucket.account?.held.all() ?? []) {
        if (loan.lender !== lender) continue;
        loan.heardMs = nowMs;
        loans.push({ bucket: bucket.name, id: loan.id, amount: loan.amount });
      }
    }
    return encodeHeld({ loans: loans.slice(0, keptLoansMax), isMore: loans.length > keptLoansMax });
  }

  /** One that left has ended its requests first. */
  #memberChanged({ nodeId, state }: Member): void {
    if (state === 'left') this.#closeAllOf(nodeId);
  }

  #closeAllOf(borrower: NodeId): void {
    for (const bucket of this.#lenders) {
      for (const loan of bucket.account?.given.all() ?? []) if (loan.borrower === borrower) close(bucket, loan);
    }
  }
}

function close(bucket: Bucket, { borrower, id }: GivenLoan): void {
  bucket.takeBack(borrower, { bucket: bucket.name, id, spends: [] });
}

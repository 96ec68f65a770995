import { LruMap } from '../../kit/lru-map.ts';
import type { Membership, NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { Bucket } from './bucket.ts';
import type { Buckets } from './buckets.ts';
import type { GivenLoan } from './given-loans.ts';
import { lifeMsOf } from './limits.ts';
import { encodeBorrowAnswer, readBorrow, readReturn } from './quota-messages.ts';

/** Without a window nobody knows when there is more. */
const useAgainMs = 300;

/** Questions that are answered late, because of the disk or because messages overtook each other. */
const unwantedMax = 4096;

export interface LendingOptions {
  readonly post: Post;
  readonly membership: Membership;
  readonly buckets: Buckets;
  readonly isRunning: () => boolean;
  /** There is room for one more loan without a window. */
  readonly mayLendUse: () => boolean;
  /** Writes all loans without a window down; `done` with whether they are. */
  readonly keep: (done: (isKept: boolean) => void) => void;
  /** A loan without a window was given or is over. */
  readonly lent: (bucket: Bucket) => void;
}

/** Lends what others ask for, and takes back what they give back. */
export class Lending {
  readonly #options: LendingOptions;
  /** Loans that came back before they were given: whoever asked for them waited no longer. */
  readonly #unwanted = new LruMap<string, true>(unwantedMax);

  constructor(options: LendingOptions) {
    this.#options = options;
  }

  listen(): void {
    const { post } = this.#options;
    post.serve('quota/borrow', (from, body, answer) => this.#borrow(from, body, answer));
    post.on('quota/return', (from, body) => this.#takeBack(from, body));
  }

  #borrow(from: NodeId, body: unknown, answer: (body: unknown) => void): void {
    if (!this.#isHeard(from)) return;
    const { bucket: name, wanted, id } = readBorrow(body);
    const bucket = this.#options.buckets.openLimited(name);
    if (bucket === undefined || (bucket.isUse && !this.#options.mayLendUse())) return answer(this.#nothing(bucket));
    bucket.whenLendable(wanted, () => this.#lend(bucket, from, { wanted, id }, answer));
  }

  #lend(
    bucket: Bucket,
    from: NodeId,
    { wanted, id }: { readonly wanted: number; readonly id: number },
    answer: (body: unknown) => void,
  ): void {
    const isUnwanted = this.#unwanted.delete(nameOf(bucket.name, from, id));
    const loan = isUnwanted ? undefined : bucket.lend(from, id, wanted);
    if (bucket.rule === undefined || loan === undefined) return answer(this.#nothing(bucket));
    const { windowMs } = bucket.rule;
    const lifeMs = windowMs === undefined ? undefined : lifeMsOf(windowMs);
    const give = () =>
      answer(
        encodeBorrowAnswer({
          amount: loan.amount,
          lifeMs,
          againMs: lifeMs === undefined ? useAgainMs : bucket.againMs(),
        }),
      );
    if (lifeMs === undefined) this.#giveOnceKept(bucket, loan, give, answer);
    else give();
  }

  /** A loan that ends by no time must be known after a restart. */
  #giveOnceKept(bucket: Bucket, loan: GivenLoan, give: () => void, answer: (body: unknown) => void): void {
    this.#options.lent(bucket);
    this.#options.keep((isKept) => {
      if (isKept) return give();
      bucket.takeBack(loan.borrower, { bucket: bucket.name, id: loan.id, spends: [] });
      answer(this.#nothing(bucket));
    });
  }

  #nothing(bucket: Bucket | undefined): unknown {
    const againMs = bucket === undefined || bucket.isUse ? useAgainMs : bucket.againMs();
    return encodeBorrowAnswer({ amount: 0, lifeMs: bucket?.isUse === true ? undefined : 0, againMs });
  }

  #takeBack(from: NodeId, body: unknown): void {
    if (!this.#isHeard(from)) return;
    const message = readReturn(body);
    const bucket = this.#options.buckets.peek(message.bucket);
    const isKnown = bucket?.takeBack(from, message);
    if (isKnown === false) this.#unwanted.set(nameOf(message.bucket, from, message.id), true);
    if (bucket?.isUse === true) this.#options.lent(bucket);
  }

  #isHeard(from: NodeId): boolean {
    return this.#options.isRunning() && this.#options.membership.isLive(from);
  }
}

function nameOf(bucket: string, borrower: NodeId, id: number): string {
  return `${id}/${borrower}/${bucket}`;
}

import type { GivenLoan, GivenLoans } from './given-loans.ts';
import type { Spends } from './held-loan.ts';
import type { HeldLoans } from './held-loans.ts';

export type Counts = readonly (readonly [leftMs: number, amount: number])[];

/** What one node counts of one bucket: its share, what of it is taken or lent, and what it has borrowed. */
export interface Account {
  /** This node's part of the limit. */
  share: number;
  /** No more of the share may count than this, until it is written down that more may. */
  ceiling: number;
  readonly given: GivenLoans;
  readonly held: HeldLoans;
  /** More was taken than there was; nothing is taken until that is paid. */
  readonly isIndebted: boolean;
  /** Counts so much as taken by an earlier process, until then. */
  blame(amount: number, untilMs: number): void;
  /** What counts, for the next process; pairs of milliseconds for which it still does and units. */
  counts(nowMs: number): Counts;
  restore(nowMs: number, counts: Counts): void;
  /** What may be taken now. */
  takeable(nowMs: number): number;
  /** What counts against this node's own share, also beyond it. Read after `takeable`. */
  readonly counted: number;
  /** What of the share and of loans is left, negative when more is counted than there is. Read after `takeable`. */
  readonly left: number;
  /** What may be lent. */
  lendable(nowMs: number): number;
  /** Takes what is takeable. */
  spend(nowMs: number, amount: number): void;
  correct(nowMs: number, difference: number, agoMs: number): void;
  release(amount: number): void;
  /** A loan came back; `spends` are what the borrower took of it. */
  close(nowMs: number, loan: GivenLoan, spends: Spends): void;
  /** Milliseconds until so many units of this node's are free, as far as that can be said. */
  untilFreeMs(nowMs: number, amount: number): number;
  /** Milliseconds until nothing counts here. */
  untilEmptyMs(nowMs: number): number;
  /** Nothing counts, nothing is lent or borrowed. */
  isIdle(nowMs: number): boolean;
}

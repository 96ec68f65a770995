/**
 * Limits that hold for the whole cluster: so many units in any window, wherever they are taken. Every voter has a share
 * of each bucket, the shares of all are the limit, and what one does not need it lends to another for a short while. So
 * nothing is ever taken twice, also while the cluster is split or members die: a side has what its members' shares are,
 * and no more.
 */
import type { NodeId } from '../membership/contract.ts';

export interface QuotaRule {
  /** Units in any window; whole. */
  readonly limit: number;
  /** Milliseconds, sliding: what was taken counts for so long. Undefined: what is taken counts until it is released. */
  readonly windowMs: number | undefined;
}

export interface QuotaReading {
  readonly limit: number;
  /** What the whole cluster has left as far as this node has heard; never below zero. */
  readonly remaining: number;
  /** Until everything that counts now has ceased to count, milliseconds; 0 when nothing does. */
  readonly resetMs: number;
  /**
   * Until this node may take `amount`, ms, for Retry-After: when so much of its own has ceased to count, or soon where
   * the others have it.
   */
  retryAfterMs(amount: number): number;
}

/** One bucket as this node knows it. Kept by whoever takes often, so that taking costs no look-up. */
export interface Quota {
  /** Takes at once, or nothing. Synchronous; allocates nothing. A bucket without a rule gives everything. */
  take(amount: number): boolean;
  /**
   * Takes, asking the others for what this node has not: `done` is called exactly once, at once or within `timeoutMs`,
   * with whether it was taken.
   */
  obtain(amount: number, timeoutMs: number, done: (isTaken: boolean) => void): void;
  /**
   * What was taken `agoMs` ago turned out to be more (positive) or less (negative) than that. More may take this node
   * into debt, which is told to the others and paid before anything else is taken. Less gives back what still counts at
   * this node of that time or before: of what it had borrowed nothing.
   */
  correct(difference: number, agoMs: number): void;
  /** Gives back what was taken from a bucket without a window. */
  release(amount: number): void;
  reading(): QuotaReading;
}

export interface Quotas {
  /**
   * What the rule of a bucket is; asked when a bucket is first used here and after `changed`. Buckets that no rule is
   * known for are not limited here, and nothing of them is lent.
   */
  setRules(ruleOf: (bucket: string) => QuotaRule | undefined): void;
  /** The same object for the same name while anybody uses it. Names are up to 200 characters, the same at all members. */
  at(bucket: string): Quota;
  /** The rule of this bucket changed, or is gone. What was taken goes on counting. */
  changed(bucket: string): void;
}

/** Voters by which a node counted its shares, oldest first. */
export interface KeptStanding {
  readonly eras: readonly (readonly NodeId[])[];
  readonly former: readonly (readonly NodeId[])[];
  readonly isAgreed: boolean;
  readonly isSaid: boolean;
}

/** A loan without a window that this node gave: its borrower may have it still. */
export interface KeptLoan {
  readonly bucket: string;
  readonly borrower: NodeId;
  readonly id: number;
  readonly amount: number;
}

/** What counts in a bucket, in pairs: milliseconds for which it still does, units. */
export interface KeptCounts {
  readonly bucket: string;
  readonly counts: readonly (readonly [leftMs: number, amount: number])[];
}

/** What a process leaves to the next one of its node. */
export interface KeptQuotas {
  /**
   * `running`: it may have ended at any moment since; `stopped`: all that counts is in `counts`; `unknown`: it knew of
   * nothing itself what was before, and a window has not passed since.
   */
  readonly state: 'running' | 'stopped' | 'unknown';
  /** It left while others were there, who may have taken its vote out since. */
  readonly mayBeTakenOut: boolean;
  readonly standing: KeptStanding;
  /** Buckets of which all may be taken; of every other one no more than what needs no word (`unwrittenPart`). */
  readonly marked: readonly string[];
  readonly counts: readonly KeptCounts[];
  readonly loans: readonly KeptLoan[];
}

/** Where it is kept; small, and written now and then. What was kept is read before the quotas are built. */
export interface QuotaStore {
  /** Replaces what is kept. `done` says that it is durable, or why it is not. */
  save(kept: KeptQuotas, done: (error?: unknown) => void): void;
}

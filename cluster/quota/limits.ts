/** Bounds and times of limits that hold for the whole cluster. */

/** How far a clock may run from true time, each way: crystals are within 0.01 %, virtual machines within 0.5 %. */
export const clockDriftMax = 0.01;
/** Slots of a window: what was taken counts up to one of them longer than it must. */
export const slotCount = 60;

/** Buckets of a node: as many keys as may be in use within one window. */
export const bucketsMax = 50_000;
export const nameLengthMax = 200;
/** Beyond it sums would lose units. */
export const amountMax = 2 ** 40;
/** Loans that one bucket has given and not got back. */
export const givenOfBucketMax = 256;
/** Loans that one bucket has taken: a few of each voter. */
export const heldOfBucketMax = 64;
/** Those who wait for units of one bucket, and of all: they wait for a fraction of a second. */
export const waitersOfBucketMax = 1000;
export const waitersMax = 10_000;
/** Buckets of which this node tells the others what it has. */
export const hintsMax = 2000;
/** Buckets whose counts are written down when the node stops. */
export const keptBucketsMax = 5000;
/** Loans without a window that are written down, and told of in one answer. */
export const keptLoansMax = 2000;
/** Sets of voters that this node counts by at once, while the others have not all heard of the last one. */
export const erasMax = 16;

/** A loan's life is this part of the window, within these bounds. */
const lifeShare = 1 / 12;
const lifeMinMs = 500;
const lifeMaxMs = 5000;
/** What a borrower believes of a lender: far beyond what any lender says. */
export const lifeBelievedMaxMs = 60_000;
/** What comes back so long after a loan's end is still taken by its true times. */
export const graceMs = 500;

/** Nodes of a cluster look around this often, and tell of their buckets this much more seldom. */
export const tickMs = 200;
export const ticksPerHint = 5;
/** A node alone only looks for buckets to forget. */
export const lonelyTickMs = 1000;
/** Loans without a window are asked after this often. */
export const auditMs = 3000;
/** A loan is not missed before its answer can have arrived, or got lost. */
export const auditAfterMs = 3000;
/** Units without a window that were borrowed and are not needed for so long go back. */
export const idleLoanMs = 2000;
/** Windows that a node expects before it has seen a rule. */
export const usualWindowMs = 60_000;

/** A window by the clock of a node, so that it is never shorter in true time. */
export function stretched(ms: number): number {
  return ms * (1 + clockDriftMax);
}

/** A time by the clock of a node that is over before another node's clock says so. */
export function shortened(ms: number): number {
  return (ms * (1 - clockDriftMax)) / (1 + clockDriftMax);
}

export function lifeMsOf(windowMs: number | undefined): number {
  return Math.min(lifeMaxMs, Math.max(lifeMinMs, (windowMs ?? usualWindowMs) * lifeShare));
}

/** Whatever a node did before counts no longer than this after it: its loans' lives and a window. */
export function aftermathMs(windowMs: number | undefined): number {
  const slotMs = (windowMs ?? 0) / slotCount;
  return stretched(stretched((windowMs ?? 0) + slotMs) + stretched(lifeMsOf(windowMs)) + graceMs);
}

/** Bounds of this room, each with its reason. */

/** A request waits so long at most for what other members have to lend. */
export const waitMsMax = 100;

/** What is told to a client for which no better time is known: somebody else's request must end first. */
export const concurrencyRetryMs = 1000;
/** A split may heal sooner than the day ends. */
export const splitRetryMs = 60_000;

/** Budgets are written this often at most … */
export const writePeriodMs = 100;
/** … when what is not written exceeds this share of what is left, … */
export const urgentShare = 0.01;
/** … and after so long in any case. */
export const unwrittenMsMax = 5000;
/** Of all keys together, 200 a second: each record is hashed, sent to all members and written to every disk. */
export const writesPerTurnMax = 20;

/** Clocks of members differ: a record of a day or month that begins so soon is of the present. */
export const clockAheadMsMax = 60_000;

/** What is idle or outdated is looked for this often. */
export const sweepPeriodMs = 3_600_000;
/** Records that one sweep removes: each leaves a tombstone, of which a table holds 20,000. */
export const removalsPerSweepMax = 1000;
/** Keys that were not used for two of these are let go of; their buckets have filled again by then. */
export const idlePeriodMs = 120_000;

/** A start waits so long for the store's sums; they are taken in later as well. */
export const storeWaitMs = 5000;
/** The store is asked for sums at most this often: it adds up a month. */
export const storeGapMs = 10_000;
export const storeRetry = { baseMs: 10_000, capMs: 300_000 };

/** What goes wrong again and again is logged this often. */
export const complaintPeriodMs = 60_000;

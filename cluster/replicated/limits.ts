/** Bounds of what all must keep, towards others and against them. */

export const tablesMax = 32;
/** Tables that this node does not use itself: those of newer versions. They leave room for its own. */
export const foreignTablesMax = 16;
export const tableNameLengthMax = 40;
export const idLengthMax = 200;
export const payloadBytesMax = 65_536;
/** Deleted ones included: five for each of 10,000 accounts. */
export const recordsPerTableMax = 50_000;
export const tombstonesPerTableMax = 20_000;
/** Deleted records are kept for a week: who was away for less has heard of them before they are forgotten. */
export const tombstoneKeepMs = 7 * 86_400_000;
/** Expired ones are looked for this often, when there is other work to do anyway. */
export const sweepPeriodMs = 600_000;
/** Counts within one millisecond, terms and sequences; far below 2^53. */
export const countMax = 2 ** 32;
/** Wall time up to the year 10,889; a greater one is no time. */
export const wallMsMax = 2 ** 48;
export const bucketCount = 64;
/** Of one message, so that no frame is near the limit of a transport, nor holds the event loop for long. */
export const messageRecordsMax = 500;
export const messageBytesMax = 131_072;
export const listEntriesMax = 2000;
/** Writes that follow each other sooner than this are pushed together. */
export const pushGapMs = 5;
/** News are passed on at most so many times. */
export const passesMax = 8;
export const askTimeoutMs = 2000;
/** Confirmations under way; each is an administrator's request that waits. */
export const confirmationsMax = 1000;
/** Members whose absence is remembered. */
export const absencesMax = 1024;

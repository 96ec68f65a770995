/** Bounds of what a node says of itself, towards others and against them. */

/** 10,000 accounts with two keys each. */
export const keysMax = 20_000;
/** Deleted keys that are remembered beside them. */
export const tombstonesMax = 4000;
/** A kind, an account id of up to 200 characters and a model. */
export const keyLengthMax = 300;
export const valueBytesMax = 16_384;
/** Of one message, so that no frame is near the limit of a transport, nor holds the event loop for long. */
export const messageEntriesMax = 2000;
export const messageBytesMax = 131_072;
/** Deltas of one message: one for each member of the largest mesh. */
export const messageDeltasMax = 1024;
/** Nodes in a digest. */
export const digestNodesMax = 1024;
/**
 * Versions a relay may claim, and those an owner may: whatever a relay claims of an owner, the owner can still count
 * beyond it, and both are far below 2^53, where adding one stops counting.
 */
export const relayedVersionMax = 2 ** 51;
export const versionMax = 2 ** 52;
/** Entries that are taken although others before them are missing: urgent ones; the rest waits until the gap is closed. */
export const entriesAheadMax = 256;
/** Urgent news are passed on at most so many times, which is enough for 2^8 members even at one new member a time. */
export const passesMax = 8;
/** Urgent changes that follow each other sooner than this go together. */
export const urgentGapMs = 5;
export const askTimeoutMs = 2000;
/** Questions in a row to one member that still has more: at 2,000 entries each, 64 full nodes. */
export const roundsMax = 640;
/** Deleted keys are remembered so long: a member that was not heard from for a tenth of it is dead and starts anew. */
export const tombstoneKeepMs = 300_000;
/** A node says everything again at most this often when others claim to know more of it. */
export const restateGapMs = 1000;

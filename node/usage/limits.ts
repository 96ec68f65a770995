/** What is recorded waits at most so long before it is put together for the store. */
export const flushDelayMs = 100;
/** So many traces are put together at once, and not later; they are one batch. */
export const batchTracesMax = 1_000;
/** A batch with prompts ends at this size: it is one message to the store's thread. */
export const batchBytesMax = 4_194_304;
/** Put together in one turn of the event loop: about a quarter of a millisecond. */
export const sliceTracesMax = 256;
/** Prompts sealed in one turn; one that is longer has a turn of its own. */
export const sliceSealBytesMax = 262_144;
/** Recorded and not yet put together; a second of a node that serves 20,000 requests a second. */
export const recordedTracesMax = 20_000;
export const recordedPromptsBytesMax = 16_777_216;

/** Batches that wait in memory; what is above goes to files. */
export const waitingTracesMax = 20_000;
export const waitingBytesMax = 16_777_216;
/** What has waited longer goes to files, so that a killed process takes no more than this with it. */
export const spillAfterMs = 2_000;
/** A file of what was spilled is finished at this size: it is read as a whole. */
export const spillFileBytesMax = 8_388_608;
/** Files that could not be read, kept for people. */
export const damagedFilesMax = 16;

/** Of a write that failed, with full jitter. */
export const writeBackoff = { baseMs: 100, capMs: 10_000 };
/** A batch that has failed so often, others having been written each time in between, is one that the store never takes. */
export const refusalsMax = 8;
/** Trouble with writing is logged no more often. */
export const troubleLogPeriodMs = 60_000;
/** A batch that has waited so long: the store does not keep up. */
export const behindAfterMs = 1_000;
/** Of spilling that failed: the disk is asked no more often. */
export const spillRetryMs = 1_000;
/** What was lost is logged no more often. */
export const lossLogPeriodMs = 60_000;
/** A node that stops waits so long for the store, then spills. */
export const drainMs = 5_000;

/** Of one answer about traces. */
export const tracesPerAnswerMax = 1_000;
/** Rows of sums in a member's answer: with names of full length they fit an answer of the mesh (8 MB). */
export const rowsPerAnswerMax = 20_000;
/** Questions of members that are answered at a time; each is a query of the store. */
export const questionsServedMax = 8;
export const sumTimeoutMs = 5_000;
export const tracesTimeoutMs = 5_000;
export const oneTraceTimeoutMs = 2_000;
/** Old traces are looked for this often. */
export const prunePeriodMs = 3_600_000;
/** The first time after a start, at most. */
export const firstPruneMsMax = 600_000;
/** A wall clock that moves away from the monotonic one by more than this between two looks has jumped. */
export const clockJumpMsMax = 3_600_000;

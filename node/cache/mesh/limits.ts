/** A member that has not answered by then is skipped. */
export const askTimeoutMs = 20;

/** A member that says wait is asked again this often, in case its answer got lost. */
export const askAgainMs = 1000;

/** Longer answers are not sent to members: they would hold up the frames behind them. */
export const peerAnswerBytesMax = 256 * 1024;

/**
 * Towards one member and second. A transport ends connections that bring more than 5,000 frames a second, of all kinds;
 * a claim causes two frames each way. What is above is answered without the other's help.
 */
export const claimsPerSecondMax = 500;
export const bytesPerSecondMax = 8 * 1024 * 1024;

/** Requests of one member that this node keeps in mind at a time. */
export const claimsPerMemberMax = 1000;

/** A member that was told to ask the upstream and says nothing more is given up after this. */
export const claimMsMax = 120_000;

/** A member waits this long for another's answer before it asks the upstream itself. */
export const waitMsMax = 60_000;

/** So many misses in a row, and a member is not asked for a while: from one second on, doubling to the longest. */
export const missesMax = 3;
export const silenceMsMin = 1000;
export const silenceMsMax = 30_000;

/** Clears of this node that are remembered singly; one more clears everything. */
export const ownClearsMax = 256;

/** Clears outlive every entry that they could concern: the time to live, and this for clocks and members that were away. */
export const clearKeepMsMin = 3_600_000;

/** How long a management call waits for the other members. */
export const confirmTimeoutMs = 2000;

/** `x-aiproxy-dropped` of an answer: 32 names of at most 64 characters. */
export const droppedLengthMax = 4096;

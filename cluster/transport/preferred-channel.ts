/** What decides between two connections of one peer. */
export interface Candidate {
  /** Monotonic ms of its opening, at this node. */
  readonly openedMs: number;
  readonly isDialledByLowerId: boolean;
}

/** Openings within this are one occasion: both dialled, or one dialled two addresses. */
const occasionMs = 3000;

/**
 * The connection to keep. Of one occasion it is the one that the lower peer id dialled, the oldest of several; both
 * sides come to the same without a word. A connection that comes much later comes because one side has lost the one
 * before, whatever it looks like from here, so it is preferred.
 */
export function preferredChannel<T extends Candidate>(candidates: Iterable<T>): T | undefined {
  const oldestFirst = [...candidates].sort((one, other) => one.openedMs - other.openedMs);
  let best: T | undefined;
  for (const each of oldestFirst) {
    if (best === undefined || each.openedMs - best.openedMs > occasionMs) best = each;
    else if (each.isDialledByLowerId && !best.isDialledByLowerId) best = each;
  }
  return best;
}

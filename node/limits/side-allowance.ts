/**
 * How much of a budget may be spent in all as far as one side of a split is concerned: what had been spent when the
 * voters last reached each other, and of what was left then the part that belongs to the voters that this side reaches.
 * The parts of all sides together are what was left, so that no split spends more than the budget.
 */
export function sideAllowance(limit: number, spentThen: number, reachable: number, voters: number): number {
  if (reachable >= voters) return limit;
  const left = Math.max(0, limit - spentThen);
  return Math.min(limit, spentThen) + Math.floor((left * Math.max(0, reachable)) / voters);
}

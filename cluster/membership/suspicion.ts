/** How long a suspicion lasts. */
export interface SuspicionSpan {
  /** With all the confirmations that are wanted. */
  readonly minMs: number;
  /** With none. */
  readonly maxMs: number;
  /** Independent confirmations beside the first accuser; no more than there are others who could give one. */
  readonly wanted: number;
}

/**
 * Time from the first accusation to the declaration of death. Falls with the logarithm of the confirmations, so that
 * the first one counts most (Lifeguard, section IV.C; memberlist's suspicion.go). Where nobody else could confirm, the
 * minimum: waiting would bring no further word.
 */
export function suspicionMs(confirmations: number, { minMs, maxMs, wanted }: SuspicionSpan): number {
  if (wanted < 1) return minMs;
  const share = Math.log(confirmations + 1) / Math.log(wanted + 1);
  return Math.max(minMs, maxMs - share * (maxMs - minMs));
}

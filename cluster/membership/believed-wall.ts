import type { NodeId } from './contract.ts';

const hourMs = 3_600_000;

/**
 * How far ahead of the wall clock an incarnation may be, which is the wall time of a start and a few more. What third
 * ones say of a member has the tightest bound, since that one must be able to outbid it, and be believed: half a day lies
 * between for clocks that are apart. All are measured by the wall: by a node's own incarnation, which lies drive up,
 * each lie would make room for the next, until those that start afresh refuse the node for its clock.
 */
const saidByOthersMs = 24 * hourMs;
const saidOfThisNodeMs = 36 * hourMs;
/** What a member says of itself, over a connection of its own. */
export const saidByItselfMs = 48 * hourMs;

/** An incarnation further ahead of `believedWallMs` is nobody's. */
export function aheadMaxMs(about: NodeId, from: NodeId, self: NodeId): number {
  if (about === self) return saidOfThisNodeMs;
  return about === from ? saidByItselfMs : saidByOthersMs;
}

/**
 * Wall time as far as it can be told: where this node's incarnation is further ahead of its clock than any lie can drive
 * it, the clock is behind, and the incarnation, which was the time of a start, is nearer.
 */
export function believedWallMs(wallMs: number, ownIncarnation: number): number {
  return ownIncarnation > wallMs + saidByItselfMs ? ownIncarnation : wallMs;
}

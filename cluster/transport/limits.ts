import type { TransportLimits } from './contract.ts';

/**
 * Bounds of a member towards its peers. Frames are own-state deltas, votes and records: kilobytes, so that a mebibyte is
 * far from what an honest member sends. Answers may carry a cached entry. 5,000 frames a second is five times what a
 * member sends at 1,000 changes a second without coalescing.
 */
export const transportLimits: TransportLimits = {
  frameBytesMax: 1_048_576,
  askBytesMax: 8_388_608,
  peerBufferBytesMax: 4_194_304,
  questionsMax: 64,
  framesPerSecondMax: 5_000,
};

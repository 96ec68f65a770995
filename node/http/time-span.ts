import { protocolFaults } from '../protocols/faults.ts';

const dayMs = 86_400_000;

/** What is told where nobody says since when. */
export const defaultSpanMs = 30 * dayMs;

interface SpanLimits {
  nowMs: number;
  /** Where no beginning is given. */
  spanMs: number;
  spanMsMax: number;
}

/** The time that a question is about. Throws `invalid_request` (400) naming `from` or `to`. */
export function timeSpanOf(
  given: { from?: number | undefined; to?: number | undefined },
  { nowMs, spanMs, spanMsMax }: SpanLimits,
): { fromMs: number; toMs: number } {
  const toMs = given.to ?? nowMs;
  const fromMs = given.from ?? Math.max(0, toMs - spanMs);
  const field = given.from === undefined ? 'to' : 'from';
  if (fromMs >= toMs) throw protocolFaults.invalid_request(`${field}: from must be before to`, { field });
  if (toMs - fromMs > spanMsMax) {
    const message = `${field}: from and to may be at most ${spanMsMax / dayMs} days apart here`;
    throw protocolFaults.invalid_request(message, { field });
  }
  return { fromMs, toMs };
}

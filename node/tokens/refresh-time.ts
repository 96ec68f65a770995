import type { HeldToken } from './contract.ts';

/** A token is refreshed so long before its end … */
const leadMsMax = 300_000;
/** … or after 80 % of its life, where that is shorter. */
const leadShare = 0.2;
/** Accounts that were started together are spread over so much of the lead more. */
const jitterShare = 0.2;

/**
 * Wall ms at which a token is to be refreshed: 5 to 6 minutes before its end, or at 76 to 80 % of a short life. `spread`
 * in [0, 1) is drawn once a token. A token without access is due at once.
 */
export function refreshAtMs(token: HeldToken, spread: number): number {
  if (token.access === undefined) return 0;
  const leadMs = Math.min(leadMsMax, leadShare * token.lifetimeMs);
  return token.expiresAtMs - leadMs * (1 + jitterShare * spread);
}

import type { Ring } from '../../../cluster/contract.ts';
import type { Clock } from '../../../kit/clock.ts';

/** The owner of an account may have no traffic for it; after this time anyone makes the trial. */
const ownerPatienceMs = 2000;

/** Key on the ring of whoever makes trials and checks of an account. */
export function accountOwnerKey(accountId: string): string {
  return `account/${accountId}`;
}

/** Whether this node is the one to make the trial of a breaker, the account's or a model's, half-open since `sinceMs`. */
export function trialGate(ring: Ring, clock: Clock): (accountId: string, sinceMs: number) => boolean {
  return (accountId, sinceMs) => ring.isOwn(accountOwnerKey(accountId)) || clock.nowMs() - sinceMs > ownerPatienceMs;
}

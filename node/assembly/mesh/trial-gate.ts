import type { Ring } from '../../../cluster/contract.ts';
import type { Clock } from '../../../kit/clock.ts';
import type { Accounts } from '../../accounts/directory.ts';

/** The owner of an account may have no traffic for it; after this time anyone makes the trial. */
const ownerPatienceMs = 2000;

/** Key on the ring of whoever makes trials and checks of an account. */
export function accountOwnerKey(accountId: string): string {
  return `account/${accountId}`;
}

/** Whether this node is the one to make the trial of a half-open breaker. */
export function trialGate(ring: Ring, accounts: Accounts, clock: Clock): (accountId: string) => boolean {
  return (accountId) => {
    if (ring.isOwn(accountOwnerKey(accountId))) return true;
    const untilMs = accounts.get(accountId)?.standings.whole.breaker.untilMs ?? 0;
    return clock.nowMs() - untilMs > ownerPatienceMs;
  };
}

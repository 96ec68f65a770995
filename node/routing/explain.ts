import type { Fault } from '../../kit/fault.ts';
import type { Account } from '../accounts/contract.ts';
import { routingFaults } from './faults.ts';

/** With nobody able to say when, clients are asked back this soon. */
const retryAfterMsMin = 1_000;

/**
 * The fault for a request that no account can serve now; undefined when every account said that it does not have the
 * model, which is for the catalog to word.
 *
 * - some are only full: `queue_full` 429 (a node with a waiting room lets the request wait instead)
 * - all that are enabled rest: `all_accounts_resting` 429, Retry-After the soonest end
 * - otherwise `no_available_accounts` 503, with Retry-After where a rest ends
 */
export function explainUnavailable(accounts: readonly Account[], model: string, nowMs: number): Fault | undefined {
  const usable = accounts.filter((account) => account.enabled && account.upstream !== undefined);
  if (usable.length === 0) return routingFaults.no_available_accounts(reasonOf(accounts));
  const having = usable.filter((account) => !account.lacks?.(nowMs, model));
  if (having.length === 0) return undefined;
  if (having.some((account) => account.couldServe(nowMs, model))) {
    return routingFaults.queue_full('all accounts are busy', { retryAfterMs: retryAfterMsMin });
  }
  const rests = having.map((account) => account.restsUntilMs(nowMs, model)).filter((untilMs) => untilMs !== undefined);
  const detail = rests.length === 0 ? {} : { retryAfterMs: Math.max(retryAfterMsMin, Math.min(...rests) - nowMs) };
  if (rests.length === having.length) {
    return routingFaults.all_accounts_resting('all accounts rest after the provider limited their rate', detail);
  }
  return routingFaults.no_available_accounts('No available accounts', detail);
}

function reasonOf(accounts: readonly Account[]): string {
  const telling = ({ enabled, unavailableReason, disabledReason }: Account) =>
    disabledReason !== undefined || (enabled && unavailableReason !== undefined);
  const reason = accounts.find(telling)?.unavailableReason;
  return reason === undefined ? 'No available accounts' : `No available accounts: ${reason}`;
}

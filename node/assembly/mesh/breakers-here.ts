import type { SharedState } from '../../../cluster/gossip/contract.ts';
import type { NodeId } from '../../../cluster/membership/contract.ts';
import type { BreakerState } from '../../accounts/contract.ts';
import type { AccountObserver, OpeningNotice, StandingNotice } from '../../accounts/observer.ts';
import type { AccountChange } from '../../accounts/observer.ts';

const prefix = 'breaker-here/';

/**
 * Tells how the breaker of each account stands at this node, whether it found that out itself or believes another: for
 * people to look at. Nobody acts on it, or two nodes would go on believing each other.
 */
export class BreakersHere implements AccountObserver {
  readonly #state: SharedState;

  constructor(state: SharedState) {
    this.#state = state;
  }

  breakerOpened({ account, model, untilMs }: OpeningNotice): void {
    if (model === undefined) this.#state.set(prefix + account.id, untilMs);
  }

  breakerClosed({ account, model }: StandingNotice): void {
    if (model === undefined) this.#state.delete(prefix + account.id);
  }

  accountChanged({ id }: { readonly id: string }, change: AccountChange): void {
    if (change === 'reset' || change === 'removed') this.#state.delete(prefix + id);
  }
}

/** How a member says that the breaker stands at it. */
export function breakerAt(state: SharedState, node: NodeId, accountId: string, nowMs: number): BreakerState {
  const untilMs = state.get(node, prefix + accountId);
  if (typeof untilMs !== 'number') return 'closed';
  return untilMs > nowMs ? 'open' : 'half-open';
}

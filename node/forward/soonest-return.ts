import type { Fault } from '../../kit/fault.ts';
import { protocolFaults } from '../protocols/faults.ts';
import type { Call } from './call.ts';
import type { ForwardDependencies } from './contract.ts';

/** For a 429 of which nobody knows when it ends. */
const retryAfterMsDefault = 1000;

/** After a limit the client hears when the first account is back, not when the one is that happened to be last. */
export function withSoonestReturn(fault: Fault, { route }: Call, { router, clock }: ForwardDependencies): Fault {
  if (fault.status !== 429 || fault.penalty !== 'rest' || route === undefined) return fault;
  const soonest = router.explainUnavailable(route, clock.nowMs()).retryAfterMs;
  return protocolFaults.upstream_rate_limited(fault.message, {
    cause: fault.cause,
    retryAfterMs: soonest ?? fault.retryAfterMs ?? retryAfterMsDefault,
  });
}

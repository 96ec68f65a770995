import type { Principal } from '../auth/contract.ts';
import type { Usage } from '../conversation/contract.ts';
import type { Trace } from '../store/contract.ts';
import type { Cost } from '../usage/contract.ts';
import type { Call } from './call.ts';
import { clientRequestId } from './client-request-id.ts';

/** Facts of a call that has ended. */
export interface Outcome {
  readonly caller: Principal;
  readonly status: number;
  /** Of all attempts; empty for an answer of the cache and for one that was another call's. */
  readonly usage: Usage;
  readonly cost: Cost | undefined;
  readonly node: string;
  /** Monotonic and wall time of the end, milliseconds. */
  readonly endedMs: number;
  readonly endedAtMs: number;
}

/** Names and ids that clients choose; the store keeps no more of them. */
const nameLengthMax = 256;

/** The trace of a call that has ended. Times are whole milliseconds. */
export function traceOf(call: Call, outcome: Outcome): Trace {
  const { caller, status, usage, cost } = outcome;
  const { inputTotal } = usage;
  const durationMs = Math.round(outcome.endedMs - call.startedMs);
  const { requestedModel, account, endpoint } = call;
  return {
    requestId: call.id,
    clientRequestId: clientRequestId(call.request.headers['x-request-id']),
    user: caller.user,
    key: caller.key ?? '',
    node: outcome.node,
    account: account?.id,
    provider: account?.provider,
    modelRequested: requestedModel.length <= nameLengthMax ? requestedModel : requestedModel.slice(0, nameLengthMax),
    modelServed: call.modelServed === '' ? undefined : call.modelServed,
    protocolIn: endpoint.kind === 'protocol' ? endpoint.protocol : 'transparent',
    protocolOut: call.protocolOut,
    status,
    errorCode: errorCodeOf(call, status),
    attempts: call.attempts,
    cache: call.cacheOutcome,
    queueWaitMs: Math.round(call.queuedMs),
    ttftMs: call.firstByteMs === 0 ? undefined : Math.round(call.firstByteMs - call.startedMs),
    durationMs,
    promptTokens: inputTotal === undefined ? undefined : uncached(inputTotal, usage),
    completionTokens: usage.outputTotal,
    cacheCreationTokens: usage.cacheWrite,
    cacheReadTokens: usage.cacheRead,
    usageEstimated: usage.estimated === true,
    costNano: cost?.nano,
    currency: cost?.currency,
    startedAtMs: Math.round(outcome.endedAtMs) - durationMs,
  };
}

function uncached(inputTotal: number, { cacheRead = 0, cacheWrite = 0 }: Usage): number {
  return Math.max(0, inputTotal - cacheRead - cacheWrite);
}

/** Why the client got an error, or half an answer; a failure that another attempt made good is none. */
function errorCodeOf(call: Call, status: number): string | undefined {
  if (call.brokeOff || (status >= 400 && status !== clientClosedRequest)) return call.lastFault?.code;
  return undefined;
}

/** nginx's status for a client that went away before its answer; for counting only, nobody receives it. */
export const clientClosedRequest = 499;

import type { Trace } from '../../../node/store/contract.ts';

let count = 0;

/** A trace of an ordinary request; every one has an id of its own. */
export function aTrace(fields: Partial<Trace> = {}): Trace {
  return {
    requestId: `req_${++count}`,
    clientRequestId: undefined,
    user: 'usr_1',
    key: 'key_1',
    node: 'n1',
    account: 'work',
    provider: 'openai-custom',
    modelRequested: 'gpt-4o-mini',
    modelServed: 'gpt-4o-mini-2024-07-18',
    protocolIn: 'openai-chat',
    protocolOut: 'openai-chat',
    status: 200,
    errorCode: undefined,
    attempts: 1,
    cache: 'miss',
    queueWaitMs: 0,
    ttftMs: 12.3,
    durationMs: 45.6,
    promptTokens: 100,
    completionTokens: 20,
    cacheCreationTokens: undefined,
    cacheReadTokens: undefined,
    usageEstimated: false,
    costNano: 27_000,
    currency: 'USD',
    startedAtMs: 1_700_000_000_000,
    ...fields,
  };
}

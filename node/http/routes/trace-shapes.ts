import { z } from 'zod';
import type { Trace } from '../../store/contract.ts';
import { costOf } from '../cost.ts';

const text = z.string().nullable();
const number = z.number().nullable();
const tokens = z.number().int().nullable();

/** One request. Null: not known, or there was none. */
export const traceSchema = z.strictObject({
  request_id: z.string(),
  client_request_id: text.describe('`x-request-id` of the client'),
  user: text.describe('id'),
  key: z.string().describe('id'),
  node: z.string(),
  account: text.describe('the last that was asked'),
  provider: text,
  model_requested: z.string(),
  model_served: text,
  protocol_in: z.string(),
  protocol_out: text,
  status: z.number().int().describe('what the client was answered; 499 when it left'),
  error_code: text,
  attempts: z.number().int(),
  cache: z.enum(['hit', 'miss', 'peer', 'redis', 'bypass']),
  queue_wait_ms: z.number(),
  ttft_ms: number.describe('time to first byte'),
  duration_ms: z.number(),
  prompt_tokens: tokens.describe('from no cache and into none; the four kinds never overlap'),
  completion_tokens: tokens,
  cache_creation_tokens: tokens,
  cache_read_tokens: tokens,
  usage_estimated: z.boolean(),
  cost: number.describe('in units of the currency'),
  currency: text,
  started_at: z.string().describe('ISO 8601'),
});

export function traceView(trace: Trace): z.infer<typeof traceSchema> {
  return {
    request_id: trace.requestId,
    client_request_id: trace.clientRequestId ?? null,
    user: trace.user ?? null,
    key: trace.key,
    node: trace.node,
    account: trace.account ?? null,
    provider: trace.provider ?? null,
    model_requested: trace.modelRequested,
    model_served: trace.modelServed ?? null,
    protocol_in: trace.protocolIn,
    protocol_out: trace.protocolOut ?? null,
    status: trace.status,
    error_code: trace.errorCode ?? null,
    attempts: trace.attempts,
    cache: trace.cache,
    queue_wait_ms: trace.queueWaitMs,
    ttft_ms: trace.ttftMs ?? null,
    duration_ms: trace.durationMs,
    prompt_tokens: trace.promptTokens ?? null,
    completion_tokens: trace.completionTokens ?? null,
    cache_creation_tokens: trace.cacheCreationTokens ?? null,
    cache_read_tokens: trace.cacheReadTokens ?? null,
    usage_estimated: trace.usageEstimated,
    cost: trace.costNano === undefined ? null : costOf(trace.costNano),
    currency: trace.currency ?? null,
    started_at: new Date(trace.startedAtMs).toISOString(),
  };
}

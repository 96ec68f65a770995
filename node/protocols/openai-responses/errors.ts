import type { Fault } from '../../../kit/fault.ts';
import type { JsonObject } from '../../../kit/json.ts';
import type { FaultAnswer } from '../contract.ts';
import { faultDetail, faultHeaders } from '../fault-headers.ts';
import { EventWriter } from './event-writer.ts';

/** `error.type` and, where OpenAI has one for every case, `error.code` by status (conversion table of OpenAI's errors). */
const byStatus: ReadonlyMap<number, { type: string; code?: string }> = new Map([
  [401, { type: 'authentication_error', code: 'invalid_api_key' }],
  [402, { type: 'insufficient_quota', code: 'insufficient_quota' }],
  [403, { type: 'permission_error' }],
  [404, { type: 'invalid_request_error', code: 'model_not_found' }],
  [429, { type: 'rate_limit_error', code: 'rate_limit_exceeded' }],
]);

/** Codes that clients act on: Codex compacts on the first, waits on the second and gives up on the third. */
const byFault: ReadonlyMap<string, string> = new Map([
  ['context_too_long', 'context_length_exceeded'],
  ['upstream_overloaded', 'server_is_overloaded'],
  ['budget_spent', 'insufficient_quota'],
]);

function typeOf(fault: Fault): string {
  if (fault.code === 'budget_spent') return 'insufficient_quota';
  return byStatus.get(fault.status)?.type ?? (fault.status >= 500 ? 'server_error' : 'invalid_request_error');
}

function codeOf(fault: Fault): string {
  return byFault.get(fault.code) ?? byStatus.get(fault.status)?.code ?? fault.code;
}

/** `{"error":{message,type,param,code}}`, as the API answers before a stream has begun. */
export function encodeFault(fault: Fault): FaultAnswer {
  const error: JsonObject = {
    message: fault.message,
    type: typeOf(fault),
    param: fault.field ?? null,
    code: codeOf(fault),
  };
  return {
    status: fault.status,
    headers: faultHeaders(fault),
    body: JSON.stringify({ error, ...faultDetail(fault) }),
  };
}

export interface StreamError {
  code: string;
  message: string;
}

/** The error inside a stream. Codex takes its waiting time from the message ("try again in 12s"). */
export function streamError(fault: Fault): StreamError {
  const code = fault.status >= 500 && !byFault.has(fault.code) ? 'server_error' : codeOf(fault);
  const { message, retryAfterMs } = fault;
  if (code !== 'rate_limit_exceeded' || retryAfterMs === undefined || /try again in/i.test(message))
    return { code, message };
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return { code, message: `${message} Please try again in ${seconds}s.` };
}

export function errorEvent(writer: EventWriter, error: StreamError): string {
  return writer.event('error', { code: error.code, message: error.message, param: null });
}

/** The same for a stream whose encoder is not at hand: an answer of its own that has failed. */
export function encodeStreamFault(fault: Fault, requestId: string): string {
  const error = streamError(fault);
  const writer = new EventWriter();
  const response = {
    id: `resp_${requestId}`,
    object: 'response',
    status: 'failed',
    output: [],
    usage: null,
    error: { ...error },
  };
  return errorEvent(writer, error) + writer.event('response.failed', { response });
}

/** Errors in Anthropic's shape: writing them for clients, reading those of upstreams. */
import type { Fault, FaultDetail } from '../../../kit/fault.ts';
import type { Json } from '../../../kit/json.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import { encodeSse } from '../../wire/sse.ts';
import { saysContextTooLong } from '../context-overflow.ts';
import type { FaultAnswer } from '../contract.ts';
import { faultDetail, faultHeaders } from '../fault-headers.ts';
import { protocolFaults } from '../faults.ts';
import { readRetryAfterMs } from '../retry-after.ts';
import { errorIn, readUpstreamError, type UpstreamError } from '../upstream-message.ts';
import type { ErrorType } from './schema.ts';

const typeByStatus = new Map<number, ErrorType>([
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);

/** The whole error answer before anything was sent. */
export function encodeFault(fault: Fault, requestId: string): FaultAnswer {
  const body = { ...errorBody(fault), request_id: requestId, ...faultDetail(fault) };
  return { status: fault.status, headers: faultHeaders(fault), body: JSON.stringify(body) };
}

/** The error event inside a stream that has begun. No message_stop follows it. */
export function encodeStreamFault(fault: Fault, requestId: string): string {
  return encodeSse('error', JSON.stringify({ ...errorBody(fault), request_id: requestId }));
}

function errorBody(fault: Fault): { type: 'error'; error: { type: ErrorType; message: string } } {
  return { type: 'error', error: { type: typeOf(fault.status), message: messageOf(fault) } };
}

function typeOf(status: number): ErrorType {
  return typeByStatus.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}

/** Claude Code compacts its conversation when it reads this phrase, and only then. */
function messageOf(fault: Fault): string {
  const isOverflow = fault.code === 'context_too_long' && !/prompt is too long/i.test(fault.message);
  return isOverflow ? `prompt is too long: ${fault.message}` : fault.message;
}

/** Reads an error answer of an upstream that speaks Anthropic. */
export function readFault(status: number, headers: WireHeaders, body: Buffer): Fault {
  return classify(status, readUpstreamError(body), headers);
}

/** Reads the data of an `error` event inside a 200 stream, or of an error object where an answer was expected. */
export function faultOfErrorEvent(data: Json | undefined): Fault {
  const error = errorIn(data);
  return classify(statusByType.get(error.type) ?? 500, error, {});
}

const statusByType = new Map<string | undefined, number>([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['overloaded_error', 529],
  ['timeout_error', 504],
]);

function classify(status: number, error: UpstreamError, headers: WireHeaders): Fault {
  const detail: FaultDetail = { upstreamStatus: status };
  const message = error.message;
  if (saysContextTooLong(message, error.code) && status !== 429) {
    return protocolFaults.context_too_long(message ?? 'prompt is too long', detail);
  }
  if (error.type === 'overloaded_error' || status === 529 || status === 503) return overloaded(detail, headers);
  if (status === 429 || error.type === 'rate_limit_error') return rateLimited(message, detail, headers);
  // A closed organisation comes as 400 "This organization has been disabled."
  if (/organization has been disabled/i.test(message ?? '')) {
    return protocolFaults.upstream_account_suspended('the upstream has disabled the account', detail);
  }
  if (status === 401 || status === 403) {
    return protocolFaults.upstream_unauthorised("the upstream refused the account's credential", detail);
  }
  // An empty purse comes as 402, or as 400 "Your credit balance is too low to access the Anthropic API".
  if (status === 402 || /credit balance is too low/i.test(message ?? '')) {
    return protocolFaults.upstream_unauthorised(
      "the upstream refused the account: its balance doesn't suffice",
      detail,
    );
  }
  return status >= 400 && status < 500 ? rejected(status, message, detail) : failed(status, message, detail);
}

/** Capacity is a matter of the model, not of the account. */
function overloaded(detail: FaultDetail, headers: WireHeaders): Fault {
  return protocolFaults.upstream_overloaded('the upstream is overloaded', {
    ...detail,
    scope: 'model',
    ...waiting(headers),
  });
}

/** The message tells when a limit belongs to one model: `(… model: claude-opus-4-1 …)`. */
function rateLimited(message: string | undefined, detail: FaultDetail, headers: WireHeaders): Fault {
  return protocolFaults.upstream_rate_limited(message ?? 'the upstream limits the rate of requests', {
    ...detail,
    scope: /\bmodel\b/i.test(message ?? '') ? 'model' : 'account',
    ...waiting(headers),
  });
}

function waiting(headers: WireHeaders): { retryAfterMs?: number } {
  const retryAfterMs = readRetryAfterMs(headers);
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

function rejected(status: number, message: string | undefined, detail: FaultDetail): Fault {
  if (status === 404) {
    return protocolFaults.upstream_model_not_found(message ?? 'the upstream does not know the model', {
      ...detail,
      scope: 'model',
    });
  }
  if (status === 408) return protocolFaults.upstream_error('the upstream timed out', { ...detail, status: 504 });
  if (status === 413) {
    return protocolFaults.upstream_rejected(message ?? 'the request is too large for the upstream', {
      ...detail,
      status: 413,
    });
  }
  return protocolFaults.upstream_rejected(message ?? `the upstream refused the request (status ${status})`, detail);
}

function failed(status: number, message: string | undefined, detail: FaultDetail): Fault {
  const text = message ?? `the upstream failed (status ${status})`;
  return protocolFaults.upstream_error(text, status === 504 ? { ...detail, status: 504 } : detail);
}

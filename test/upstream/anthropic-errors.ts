import type { ErrorName, Script } from './script.ts';
import type { WireAnswer } from './wire-event.ts';

type Row = readonly [status: number, type: string, message: string];

/** Statuses, types and wordings of the Messages API (docs: api/errors; wordings as reported in public issues). */
const rows: Record<ErrorName, Row> = {
  'rate-limit': [
    429,
    'rate_limit_error',
    "This request would exceed your organization's rate limit of 50 requests per minute. For details, refer to: https://docs.claude.com/en/api/rate-limits.",
  ],
  quota: [429, 'rate_limit_error', "This request would exceed your account's rate limit. Please try again later."],
  'server-error': [500, 'api_error', 'Internal server error'],
  unavailable: [503, 'api_error', 'Service temporarily unavailable'],
  overloaded: [529, 'overloaded_error', 'Overloaded'],
  expired: [
    401,
    'authentication_error',
    'OAuth token has expired. Please obtain a new token or refresh your existing token.',
  ],
  forbidden: [403, 'permission_error', 'Your API key does not have permission to use the specified resource.'],
  suspended: [400, 'invalid_request_error', 'This organization has been disabled.'],
  'no-credit': [
    400,
    'invalid_request_error',
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
  ],
  'too-long': [400, 'invalid_request_error', 'prompt is too long: 215019 tokens > 200000 maximum'],
  'too-large': [413, 'request_too_large', 'Request exceeds the maximum size'],
  'no-model': [404, 'not_found_error', 'model: '],
  'bad-request': [400, 'invalid_request_error', 'messages.0.content: Input should be a valid list'],
};

/** The vendor's error answer. */
export function anthropicError(status: number, type: string, message: string): WireAnswer {
  const requestId = 'req_011CScriptedUpstream';
  return {
    status,
    headers: { 'content-type': 'application/json', 'request-id': requestId },
    body: JSON.stringify({ type: 'error', error: { type, message }, request_id: requestId }),
  };
}

export function anthropicRefusal(name: ErrorName, script: Script, model: string): WireAnswer {
  const [status, type, message] = rows[name];
  const answer = anthropicError(status, type, name === 'no-model' ? message + model : message);
  if (name !== 'rate-limit') return answer;
  const seconds = script.retryAfterSeconds;
  if (seconds !== undefined && !script.resetHeaders) answer.headers['retry-after'] = String(seconds);
  if (script.resetHeaders) {
    // The reset is a wall-clock time in RFC 3339 (docs: api/rate-limits, response headers).
    const reset = new Date(Date.now() + (seconds ?? 20) * 1000).toISOString();
    answer.headers['anthropic-ratelimit-requests-limit'] = '50';
    answer.headers['anthropic-ratelimit-requests-remaining'] = '0';
    answer.headers['anthropic-ratelimit-requests-reset'] = reset;
    answer.headers['anthropic-ratelimit-tokens-remaining'] = '40000';
  }
  return answer;
}

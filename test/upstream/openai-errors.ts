import type { ErrorName, Script } from './script.ts';
import type { WireAnswer } from './wire-event.ts';

interface Row {
  status: number;
  type: string;
  code: string | null;
  message: string;
  param?: string;
}

/** Statuses, codes and wordings of the OpenAI API (docs: guides/error-codes; wordings as reported in public issues). */
const rows: Record<ErrorName, Row> = {
  'rate-limit': {
    status: 429,
    type: 'requests',
    code: 'rate_limit_exceeded',
    message:
      'Rate limit reached for gpt-4o in organization org-scripted on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to learn more.',
  },
  quota: {
    status: 429,
    type: 'insufficient_quota',
    code: 'insufficient_quota',
    message:
      'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
  },
  'server-error': {
    status: 500,
    type: 'server_error',
    code: null,
    message: 'The server had an error while processing your request. Sorry about that!',
  },
  unavailable: {
    status: 503,
    type: 'server_error',
    code: null,
    message:
      'That model is currently overloaded with other requests. You can retry your request, or contact us through our help center if the error persists.',
  },
  overloaded: {
    status: 503,
    type: 'service_unavailable_error',
    code: 'server_is_overloaded',
    message: 'Our servers are currently overloaded. Please try again later.',
  },
  expired: {
    status: 401,
    type: 'invalid_request_error',
    code: 'token_expired',
    message: 'Provided authentication token is expired. Please try signing in again.',
  },
  forbidden: {
    status: 403,
    type: 'invalid_request_error',
    code: 'unsupported_country_region_territory',
    message: 'Country, region, or territory not supported',
  },
  suspended: {
    status: 403,
    type: 'invalid_request_error',
    code: 'account_deactivated',
    message:
      'The OpenAI account associated with this API key has been deactivated. Please check your email for more details.',
  },
  'no-credit': { status: 402, type: 'insufficient_quota', code: 'insufficient_quota', message: 'Insufficient Balance' },
  'too-long': {
    status: 400,
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    param: 'messages',
    message:
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 135025 tokens. Please reduce the length of the messages.",
  },
  'too-large': {
    status: 413,
    type: 'invalid_request_error',
    code: 'request_too_large',
    message: 'Request body is too large',
  },
  'no-model': { status: 404, type: 'invalid_request_error', code: 'model_not_found', message: '' },
  'bad-request': {
    status: 400,
    type: 'invalid_request_error',
    code: 'invalid_type',
    param: 'messages',
    message: "Invalid type for 'messages': expected an array of objects, but got a string instead.",
  },
};

/** The vendor's error answer. */
export function openaiError(
  status: number,
  message: string,
  detail: { type?: string; code?: string | null; param?: string | null } = {},
): WireAnswer {
  const { type = 'invalid_request_error', code = null, param = null } = detail;
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-request-id': 'req_scripted' },
    body: JSON.stringify({ error: { message, type, param, code } }, null, 2),
  };
}

export function openaiRefusal(name: ErrorName, script: Script, model: string): WireAnswer {
  const row = rows[name];
  const message =
    name === 'no-model' ? `The model \`${model}\` does not exist or you do not have access to it.` : row.message;
  const answer = openaiError(row.status, message, row);
  if (name !== 'rate-limit') return answer;
  const seconds = script.retryAfterSeconds;
  if (seconds !== undefined && !script.resetHeaders) answer.headers['retry-after'] = String(seconds);
  if (script.resetHeaders) {
    // Go duration syntax (docs: guides/rate-limits, "rate limits in headers").
    answer.headers['x-ratelimit-limit-requests'] = '3';
    answer.headers['x-ratelimit-remaining-requests'] = '0';
    answer.headers['x-ratelimit-reset-requests'] = `${seconds ?? 20}s`;
    answer.headers['x-ratelimit-remaining-tokens'] = '149984';
    answer.headers['x-ratelimit-reset-tokens'] = '6ms';
  }
  return answer;
}

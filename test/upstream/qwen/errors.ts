import type { ErrorName, Script } from '../script.ts';
import { Refusal } from '../refusal.ts';
import type { WireAnswer } from '../wire-event.ts';

interface Row {
  status: number;
  code: string;
  message: string;
}

/** What is said of a token that has ended, that never was, and of every login since the free tier ended. */
export const tokenEnded = { status: 401, code: 'invalid_api_key', message: 'invalid access token or token expired' };
/** All that the portal says when it dislikes a request. */
export const bare: Row = { status: 400, code: 'invalid_parameter_error', message: 'bad request' };

/** Statuses, codes and wordings; `type` is the same in almost all of them and says nothing. */
const rows: Record<ErrorName, Row> = {
  'rate-limit': { status: 429, code: 'rate_limit_exceeded', message: 'Requests rate limit exceeded, please try again later.' },
  quota: { status: 429, code: 'insufficient_quota', message: 'Free allocated quota exceeded.' },
  'server-error': { status: 500, code: 'internal_error', message: 'Internal server error.' },
  unavailable: { status: 503, code: '1305', message: 'The service is busy, please try again later.' },
  overloaded: { status: 503, code: '1302', message: 'The service is busy, please try again later.' },
  expired: tokenEnded,
  forbidden: { ...tokenEnded, status: 403 },
  suspended: { status: 403, code: 'access_denied', message: 'Access denied, please make sure your account is in good standing.' },
  'no-credit': { status: 403, code: 'insufficient_quota', message: 'You have run out of quota.' },
  'too-long': {
    status: 400,
    code: 'invalid_parameter_error',
    message: 'Range of input length should be [1, 1000000]',
  },
  'too-large': { status: 413, code: 'request_too_large', message: 'Request body is too large.' },
  'no-model': { status: 404, code: 'model_not_found', message: 'The model does not exist or you do not have access to it.' },
  'bad-request': bare,
}; // prettier-ignore

export function qwenError(row: Row, headers: Record<string, string> = {}): WireAnswer {
  const { status, code, message } = row;
  const error = { code, message, param: null, type: 'invalid_request_error' };
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ error, request_id: '4f0c5c1e-scripted' }),
  };
}

export function qwenRefusal(name: ErrorName, script: Script): WireAnswer {
  const seconds = name === 'rate-limit' && !script.resetHeaders ? script.retryAfterSeconds : undefined;
  return qwenError(rows[name], seconds === undefined ? {} : { 'retry-after': String(seconds) });
}

/** Refuses without a word of why. */
export function refuseBare(): never {
  throw new Refusal(qwenError(bare));
}

/** Refuses and says why. */
export function refuseQwen(message: string, status = 400, code = 'invalid_parameter_error'): never {
  throw new Refusal(qwenError({ status, code, message }));
}

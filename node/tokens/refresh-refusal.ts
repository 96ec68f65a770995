import { isJsonObject } from '../../kit/json.ts';
import type { TokenLogin } from '../providers/contract.ts';
import type { WireHeaders } from '../wire/contract.ts';
import type { RefreshOutcome } from './contract.ts';
import { tokenFaults } from './faults.ts';
import { jsonObject } from './refresh-answer.ts';

/**
 * Words that end a login (RFC 6749 section 5.2, RFC 8628 section 3.5). `invalid_request` is among them since our own
 * request is well formed: services say it of a token that they do not know.
 */
const finalErrors: ReadonlySet<string> = new Set([
  'invalid_grant',
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_request',
  'expired_token',
  'access_denied',
]);

/** RFC 8628: every `slow_down` adds so much to the wait. */
const slowDownMs = 5_000;

/** Nobody who asks for more patience than this is believed: the token would be long past its time. */
const retryAfterMsMax = 3_600_000;

/** What an answer that is no success means. `where` names the service for people. */
export function readRefusal(
  login: TokenLogin,
  status: number,
  headers: WireHeaders,
  body: Buffer,
  nowMs: number,
): RefreshOutcome {
  const error = errorWord(body);
  const isFinal = error !== undefined && (finalErrors.has(error) || login.finalErrors?.includes(error) === true);
  if ((isFinal && status < 500) || login.finalStatuses?.includes(status) === true) {
    return refused(error ?? `http_${status}`, status);
  }
  const said = `the login service answered ${status}${error === undefined ? '' : ` (${error})`}`;
  const detail = { upstreamStatus: status, retryAfterMs: patience(error, headers, nowMs) };
  if (error === 'slow_down' || status === 429)
    return { kind: 'later', maybeSpent: false, fault: tokenFaults.token_service_busy(said, withoutUndefined(detail)) };
  if (status >= 300 && status < 400) {
    const fault = tokenFaults.token_answer_malformed(`${said}, a redirect, which is not followed`, {
      upstreamStatus: status,
    });
    return { kind: 'later', maybeSpent: false, fault };
  }
  // A gateway's 502 or 504 may hide a success behind it.
  const fault = tokenFaults.token_service_failed(said, withoutUndefined(detail));
  return { kind: 'later', maybeSpent: status >= 500, fault };
}

function refused(error: string, status: number): RefreshOutcome {
  const fault = tokenFaults.token_needs_login(`the login service refused the refresh token for good (${error})`, {
    upstreamStatus: status,
  });
  return { kind: 'refused', error, fault };
}

/** `error` as RFC 6749 has it, or within an object as some have it. Only plain words are repeated to people. */
function errorWord(body: Buffer): string | undefined {
  const answer = jsonObject(body);
  const error = answer?.['error'];
  const word = isJsonObject(error) ? (error['code'] ?? error['type']) : error;
  return typeof word === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(word) ? word : undefined;
}

function patience(error: string | undefined, headers: WireHeaders, nowMs: number): number | undefined {
  const given = headers['retry-after'];
  const text = Array.isArray(given) ? given[0] : given;
  const seconds = text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : undefined;
  const dateMs = text === undefined || seconds !== undefined ? Number.NaN : Date.parse(text);
  const asked = seconds ?? (Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs));
  const least = error === 'slow_down' ? Math.max(asked ?? 0, slowDownMs) : asked;
  return least === undefined ? undefined : Math.min(least, retryAfterMsMax);
}

function withoutUndefined(detail: { upstreamStatus: number; retryAfterMs: number | undefined }) {
  const { upstreamStatus, retryAfterMs } = detail;
  return retryAfterMs === undefined ? { upstreamStatus } : { upstreamStatus, retryAfterMs };
}

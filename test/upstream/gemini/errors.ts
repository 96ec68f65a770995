import type { Json, JsonObject } from '../../../kit/json.ts';
import { Refusal } from '../refusal.ts';
import type { ErrorName, Script } from '../script.ts';
import type { WireAnswer } from '../wire-event.ts';

/** Where a refusal says when to come again; Google has three places in the body, and the header. */
export type DelayPlace = 'retry-info' | 'error-info' | 'text' | 'header';

export interface GoogleError {
  code: number;
  status: string;
  message: string;
  details?: Json[];
}

const errorInfo = (reason: string, metadata: JsonObject = {}): Json => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain: 'cloudcode-pa.googleapis.com',
  metadata,
});
const retryInfo = (retryDelay: string): Json => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });

const rows: Record<ErrorName, GoogleError> = {
  'rate-limit': { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Resource has been exhausted (e.g. check quota).' },
  quota: {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'You have exhausted your capacity on this model. Your quota will reset after 1h2m3s.',
    details: [errorInfo('QUOTA_EXHAUSTED', { quotaResetDelay: '1h2m3s' }), retryInfo('3723.0s')],
  },
  'server-error': { code: 500, status: 'INTERNAL', message: 'An internal error has occurred. Please retry.' },
  unavailable: { code: 503, status: 'UNAVAILABLE', message: 'The service is currently unavailable.' },
  overloaded: {
    code: 503,
    status: 'UNAVAILABLE',
    message: 'The model is overloaded. Please try again later.',
    details: [errorInfo('MODEL_CAPACITY_EXHAUSTED')],
  },
  expired: {
    code: 401,
    status: 'UNAUTHENTICATED',
    message: 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
  },
  forbidden: {
    code: 403,
    status: 'PERMISSION_DENIED',
    message: 'Gemini for Google Cloud API has not been used in project my-proj before or it is disabled.',
    details: [errorInfo('SERVICE_DISABLED')],
  },
  suspended: {
    code: 403,
    status: 'PERMISSION_DENIED',
    message: "Permission denied: Consumer 'projects/my-proj' has been suspended.",
    details: [errorInfo('CONSUMER_SUSPENDED')],
  },
  'no-credit': {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'Not enough credits.',
    details: [errorInfo('INSUFFICIENT_G1_CREDITS_BALANCE')],
  },
  'too-long': {
    code: 400,
    status: 'INVALID_ARGUMENT',
    message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  },
  'too-large': { code: 413, status: 'INVALID_ARGUMENT', message: 'Request payload size exceeds the limit.' },
  'no-model': { code: 404, status: 'NOT_FOUND', message: 'Requested entity was not found.' },
  'bad-request': { code: 400, status: 'INVALID_ARGUMENT', message: 'Request contains an invalid argument.' },
}; // prettier-ignore

export function googleRefusal(name: ErrorName, script: Script, place: DelayPlace): WireAnswer {
  const seconds = script.retryAfterSeconds;
  if (name !== 'rate-limit' || seconds === undefined) return googleError(rows[name]);
  const limited = errorInfo('RATE_LIMIT_EXCEEDED');
  switch (script.resetHeaders ? 'error-info' : place) {
    case 'retry-info':
      return googleError({ ...rows[name], details: [limited, retryInfo(`${seconds}s`)] });
    case 'error-info':
      return googleError({
        ...rows[name],
        details: [errorInfo('RATE_LIMIT_EXCEEDED', { quotaResetDelay: `${seconds * 1000 - 0.5}ms` })],
      });
    case 'text':
      return googleError({ ...rows[name], message: `Quota exceeded. Please retry in ${seconds}.0s.` });
    case 'header':
      return googleError(rows[name], { 'retry-after': String(seconds) });
  }
}

/** Google's error answer. `googleapis` puts it into an array where the answer would have been a stream. */
export function googleError(error: GoogleError, headers: Record<string, string> = {}): WireAnswer {
  return {
    status: error.code,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    body: JSON.stringify({ error }, null, 2),
  };
}

/** The same, as a streaming call gets it. */
export function inArray(answer: WireAnswer): WireAnswer {
  return answer.status >= 400 ? { ...answer, body: `[${answer.body}\n]` } : answer;
}

/** Refuses a body that does not fit. */
export function refuse(message: string, status = 'INVALID_ARGUMENT'): never {
  throw new Refusal(googleError({ code: 400, status, message }));
}

/** As the JSON front end says it. */
export function refuseUnknown(name: string, path: string): never {
  const at = path === '' ? '' : ` at '${path}'`;
  return refuse(`Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`);
}

import { Refusal } from '../refusal.ts';
import type { ErrorName, Script } from '../script.ts';
import type { WireAnswer } from '../wire-event.ts';

let answers = 0;

/** Headers of every answer of the service. */
export function ociHeaders(): Record<string, string> {
  const id = (++answers).toString(16).toUpperCase().padStart(32, '0');
  return { 'opc-request-id': `${id}/${id}/${id}`, 'content-type': 'application/json', 'x-api-id': 'native' };
}

/** `{code, message}`; no code where the request was not understood at all. */
export function ociError(status: number, code: string | undefined, message: string): WireAnswer {
  return { status, headers: ociHeaders(), body: JSON.stringify(code === undefined ? { message } : { code, message }) };
}

/** The body has a form that the service does not know. What is wrong with it, it does not say; the header is the test's. */
export function misshapen(complaint: string): WireAnswer {
  const answer = ociError(400, undefined, 'Please pass in correct format of request.');
  return { ...answer, headers: { ...answer.headers, 'x-upstream-complaint': encodeURIComponent(complaint) } };
}

/** The service's own check failed. */
export function invalid(message: string): never {
  throw new Refusal(ociError(400, 'InvalidParameter', message));
}

/** The model's backend refused: its error stands as JSON inside of the message. */
export function backendError(message: string, code: string, param?: string): WireAnswer {
  return ociError(400, '400', JSON.stringify({ error: { message, type: 'invalid_request_error', param, code } }));
}

/** The same in the form of xAI's backend. */
export function grokError(message: string): WireAnswer {
  return ociError(400, '400', JSON.stringify({ code: 'Client specified an invalid argument', error: message }));
}

export const notAuthenticated = (): WireAnswer =>
  ociError(
    401,
    'NotAuthenticated',
    'The required information to complete authentication was not provided or was incorrect.',
  );

export const entityNotFound = (model: string): WireAnswer => ociError(404, '404', `Entity with key ${model} not found`);

const rows: Record<Exclude<ErrorName, 'no-model' | 'expired' | 'too-long'>, [number, string, string]> = {
  'rate-limit': [429, 'TooManyRequests', 'Request is throttled due to too many requests.'],
  quota: [400, 'QuotaExceeded', 'The quota of compartment ocid1.compartment.oc1..aaaascripted has been exceeded.'],
  'no-credit': [400, 'LimitExceeded', 'You have reached the service limit for generative-ai in this tenancy.'],
  'server-error': [500, 'InternalServerError', 'Internal error occurred'],
  unavailable: [503, 'ServiceUnavailable', 'The service is currently unavailable.'],
  overloaded: [503, 'ServiceUnavailable', 'The model is out of capacity, try again later.'],
  forbidden: [403, 'NotAuthorized', 'User ocid1.user.oc1..aaaascripted is not authorised.'],
  suspended: [403, 'NotAllowed', 'The tenancy ocid1.tenancy.oc1..aaaascripted is suspended.'],
  'too-large': [413, 'RequestEntityTooLarge', 'The body of the request is too large.'],
  'bad-request': [400, 'InvalidParameter', 'Invalid parameter: temperature'],
};

/** A scripted refusal, as this service words it. */
export function ociRefusal(name: ErrorName, script: Script, model: string): WireAnswer {
  if (name === 'no-model') return entityNotFound(model);
  if (name === 'expired') return notAuthenticated();
  if (name === 'too-long') {
    const message = "This model's maximum context length is 131072 tokens, but your prompt has 150000.";
    return backendError(message, 'context_length_exceeded', 'messages');
  }
  const answer = ociError(...rows[name]);
  if (script.retryAfterSeconds !== undefined) answer.headers['retry-after'] = String(script.retryAfterSeconds);
  return answer;
}

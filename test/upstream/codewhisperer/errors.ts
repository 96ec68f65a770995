import { randomUUID } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import type { ErrorName, Script } from '../script.ts';
import type { WireAnswer } from '../wire-event.ts';
import type { Service } from './service.ts';

export type Form = 'json' | 'rest';

export interface ServiceError {
  readonly status: number;
  /** Exception without its namespace; empty where no service answered (a load balancer's 413). */
  readonly type: string;
  readonly message: string;
  readonly reason?: string;
}

const denied = 'AccessDeniedException';
const invalid = 'ValidationException';

/** Statuses, exceptions and wordings (wire facts of both services, sections 6). */
const rows: Record<Exclude<ErrorName, 'quota'>, ServiceError> = {
  'rate-limit': {
    status: 429,
    type: 'ThrottlingException',
    message: 'Too many requests, please wait before trying again.',
  },
  overloaded: {
    status: 429,
    type: 'ThrottlingException',
    message: 'I am experiencing high traffic, please try again shortly.',
    reason: 'INSUFFICIENT_MODEL_CAPACITY',
  },
  'server-error': {
    status: 500,
    type: 'InternalServerException',
    message: 'Encountered an unexpected error when processing the request, please try again.',
  },
  unavailable: { status: 503, type: 'ServiceUnavailableException', message: 'Service is unavailable.' },
  expired: { status: 403, type: denied, message: 'The bearer token included in the request is invalid.' },
  forbidden: { status: 403, type: denied, message: 'User is not authorized to make this call.' },
  suspended: {
    status: 403,
    type: denied,
    message: 'Your User ID (d-0000000000.0000) temporarily is suspended. Please contact support.',
    reason: 'TEMPORARILY_SUSPENDED',
  },
  'no-credit': { status: 403, type: denied, message: 'Feature is not supported', reason: 'FEATURE_NOT_SUPPORTED' },
  'too-long': {
    status: 400,
    type: invalid,
    message: 'Input is too long.',
    reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD',
  },
  'too-large': { status: 413, type: '', message: 'Request entity too large' },
  'no-model': {
    status: 400,
    type: invalid,
    message: 'Invalid model. Please select a different model to continue.',
    reason: 'INVALID_MODEL_ID',
  },
  'bad-request': { status: 400, type: invalid, message: 'Improperly formed request.' },
};

/** The answer in the shape of the form in which the call came. */
export function errorAnswer({ status, type, message, reason }: ServiceError, form: Form): WireAnswer {
  const said = { message, reason: reason ?? null };
  const common = { 'x-amzn-requestid': randomUUID() };
  if (form === 'json')
    return {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.0', ...common },
      body: JSON.stringify(type === '' ? said : { __type: `com.amazon.aws.codewhisperer#${type}`, ...said }),
    };
  const typed: Record<string, string> =
    type === '' ? {} : { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.aws.codewhisperer/` };
  return { status, headers: { 'content-type': 'application/json', ...typed, ...common }, body: JSON.stringify(said) };
}

/** The refusal that a script asks for. */
export function scriptedError(service: Service, name: ErrorName, script: Script): ServiceError {
  const row = name === 'quota' ? { ...service.quota, reason: 'MONTHLY_REQUEST_COUNT' } : rows[name];
  const reason = script.errorReason ?? row.reason;
  return {
    status: script.errorStatus ?? row.status,
    type: row.type,
    message: script.errorMessage ?? row.message,
    ...(reason === undefined || reason === '' ? {} : { reason }),
  };
}

export function scriptedAnswer(service: Service, name: ErrorName, script: Script, form: Form): WireAnswer {
  const answer = errorAnswer(scriptedError(service, name, script), form);
  // The service has no headers that tell a reset.
  const seconds = name === 'rate-limit' && !script.resetHeaders ? script.retryAfterSeconds : undefined;
  return seconds === undefined ? answer : { ...answer, headers: { ...answer.headers, 'retry-after': String(seconds) } };
}

/** Breaks off with the vendor's answer; the record of the request keeps the complaint. */
export type Refuse = (error: ErrorName | ServiceError, complaint: string) => never;

export function refuserFor(form: Form): Refuse {
  return (error, complaint) => {
    const row = typeof error === 'string' ? rowOf(error) : error;
    throw new Refusal(errorAnswer(row, form), complaint);
  };
}

function rowOf(name: ErrorName): ServiceError {
  if (name === 'quota') throw new Error('the quota differs by service; no check refuses for it');
  return rows[name];
}

export const wrongCredential: ServiceError = {
  status: 400,
  type: invalid,
  message: 'The provided credential is invalid.',
};

export const invalidBody: ServiceError = {
  status: 400,
  type: invalid,
  message: 'Invalid request body.',
  reason: 'REQUEST_BODY_INVALID',
};

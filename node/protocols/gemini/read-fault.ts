import type { Fault } from '../../../kit/fault.ts';
import type { JsonObject } from '../../../kit/json.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import { saysContextTooLong } from '../context-overflow.ts';
import { answeredWith, type FaultRule, firstFault } from '../fault-rules.ts';
import { protocolFaults } from '../faults.ts';
import { readRetryAfterMs } from '../retry-after.ts';
import { errorIn, readUpstreamError, type UpstreamError } from '../upstream-message.ts';
import { type ErrorDetails, errorDetails } from './error-details.ts';

interface Complaint extends ErrorDetails {
  status: number;
  /** `RESOURCE_EXHAUSTED`, … */
  name: string;
  /** Sanitised; '' when there is nothing to show. */
  message: string;
}

/** Reads an error answer of Gemini's API or of Code Assist: what went wrong, whose fault it is, when to come back. */
export function readFault(status: number, headers: WireHeaders, body: Buffer): Fault {
  return classify(complaintOf(status, readUpstreamError(body), readRetryAfterMs(headers)));
}

/** The same for an error object inside a 200 answer or stream: `{error:{code,message,status,details}}`. */
export function faultOfError(value: JsonObject): Fault {
  const error = errorIn(value);
  return classify(complaintOf(Number(error.code) || statusOfName(error.type), error, undefined));
}

function complaintOf(status: number, error: UpstreamError, headerMs: number | undefined): Complaint {
  const message = error.message ?? '';
  const details = errorDetails(error.raw['details'], message);
  return { status, name: error.type ?? '', message, ...details, retryAfterMs: details.retryAfterMs ?? headerMs };
}

/** A 200 that holds an error without its number. */
function statusOfName(name: string | undefined): number {
  return statuses.get(name ?? '') ?? 500;
}

const statuses: ReadonlyMap<string, number> = new Map([
  ['INVALID_ARGUMENT', 400],
  ['FAILED_PRECONDITION', 400],
  ['UNAUTHENTICATED', 401],
  ['PERMISSION_DENIED', 403],
  ['NOT_FOUND', 404],
  ['RESOURCE_EXHAUSTED', 429],
  ['UNAVAILABLE', 503],
  ['DEADLINE_EXCEEDED', 504],
]);

/** In this order: reasons say more than statuses. */
const rules: readonly FaultRule<Complaint>[] = [
  contextTooLong,
  actionRequired,
  capacity,
  quota,
  suspended,
  unauthorised,
  modelNotFound,
  rejected,
];

function classify(complaint: Complaint): Fault {
  const fault = firstFault(rules, complaint);
  if (fault !== undefined) return fault;
  if (complaint.status === 503) return protocolFaults.upstream_overloaded(said(complaint), answeredWith(complaint));
  const status = complaint.status === 504 ? 504 : 502;
  return protocolFaults.upstream_error(said(complaint), { ...answeredWith(complaint), status });
}

function contextTooLong({ message, status }: Complaint): Fault | undefined {
  if (!saysContextTooLong(message)) return undefined;
  return protocolFaults.context_too_long(message, { upstreamStatus: status });
}

function actionRequired(complaint: Complaint): Fault | undefined {
  const { reason, link, status } = complaint;
  if (reason !== 'VALIDATION_REQUIRED') return undefined;
  const where = link === undefined ? '' : `; open ${link}`;
  return protocolFaults.upstream_action_required(`${said(complaint)}${where}`, { upstreamStatus: status });
}

/** A model without capacity is not its account's fault. */
function capacity(complaint: Complaint): Fault | undefined {
  if (!/^MODEL_CAPACITY_(?:EXHAUSTED|EXCEEDED)$/.test(complaint.reason ?? '')) return undefined;
  return protocolFaults.upstream_overloaded(said(complaint), { ...answeredWith(complaint), scope: 'model' });
}

const minuteMs = 60_000;
/** A quota that says no time comes back with the day; the account looks again every hour. */
const quotaRestMs = 3_600_000;

/** Limits are counted by account and model, so other models of the account go on. */
function quota(complaint: Complaint): Fault | undefined {
  const { status, reason, name } = complaint;
  const isLimit = reason === 'RATE_LIMIT_EXCEEDED' || reason === 'QUOTA_EXHAUSTED' || reason === creditsReason;
  if (status !== 429 && name !== 'RESOURCE_EXHAUSTED' && !isLimit && !isUsedUp(complaint)) return undefined;
  const restMs = isUsedUp(complaint) ? quotaRestMs : minuteMs;
  return protocolFaults.upstream_rate_limited(said(complaint), {
    upstreamStatus: status,
    scope: 'model',
    retryAfterMs: complaint.retryAfterMs ?? restMs,
  });
}

const creditsReason = 'INSUFFICIENT_G1_CREDITS_BALANCE';

function isUsedUp({ reason, quotaIds, message }: Complaint): boolean {
  if (reason === 'QUOTA_EXHAUSTED' || reason === creditsReason) return true;
  if (quotaIds.some((id) => /PerDay/i.test(id))) return true;
  return /limit: 0\b|exhausted your capacity|capacity exceeded/i.test(message);
}

/** Google answers 400 to a bad key, and shows part of it: the message is not handed on. */
function unauthorised({ status, name, message, reason }: Complaint): Fault | undefined {
  const isBadKey = reason === 'API_KEY_INVALID' || /api key (?:not valid|expired)/i.test(message);
  const isRefused = status === 401 || status === 403 || name === 'UNAUTHENTICATED' || name === 'PERMISSION_DENIED';
  if (!isBadKey && !isRefused) return undefined;
  const why = reason === 'SERVICE_DISABLED' ? ': the API is not enabled for its project' : '';
  return protocolFaults.upstream_unauthorised(`the upstream refused the account's credential (${status})${why}`, {
    upstreamStatus: status,
  });
}

/** ErrorInfo of Google's service infrastructure: the project may ask nothing of any service. */
function suspended({ status, reason }: Complaint): Fault | undefined {
  if (reason !== 'CONSUMER_SUSPENDED') return undefined;
  return protocolFaults.upstream_account_suspended('Google has suspended the project of the account', {
    upstreamStatus: status,
  });
}

function modelNotFound(complaint: Complaint): Fault | undefined {
  if (complaint.status !== 404) return undefined;
  return protocolFaults.upstream_model_not_found(said(complaint), { upstreamStatus: 404, scope: 'model' });
}

function rejected(complaint: Complaint): Fault | undefined {
  const { status } = complaint;
  if (status < 400 || status >= 499 || status === 408) return undefined;
  return protocolFaults.upstream_rejected(said(complaint), {
    upstreamStatus: status,
    status: status === 413 ? 413 : 400,
  });
}

function said({ status, message }: Complaint): string {
  return message === '' ? `the upstream failed (${status})` : message;
}

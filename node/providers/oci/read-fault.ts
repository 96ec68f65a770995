import type { Fault, FaultDetail } from '../../../kit/fault.ts';
import { saysContextTooLong } from '../../protocols/context-overflow.ts';
import { answeredWith, type FaultRule, firstFault } from '../../protocols/fault-rules.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import { oneHeader, readRetryAfterMs } from '../../protocols/retry-after.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import { type OciError, readOciError } from './error-body.ts';

/** One error answer, read. */
export interface Complaint {
  readonly status: number;
  readonly error: OciError;
  /** Code, inner code and message in lower case, to search in. */
  readonly words: string;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
}

export function complaintOf(status: number, headers: WireHeaders, body: Buffer): Complaint {
  const error = readOciError(body);
  const words = `${error.code ?? ''} ${error.innerCode ?? ''} ${error.message}`.toLowerCase();
  // Oracle documents no Retry-After; one that is there counts.
  return { status, error, words, requestId: requestIdOf(headers), retryAfterMs: readRetryAfterMs(headers) };
}

/** Oracle's support asks for it. */
function requestIdOf(headers: WireHeaders): string | undefined {
  const id = oneHeader(headers, 'opc-request-id');
  return id !== undefined && /^[\w/.-]{1,200}$/.test(id) ? id : undefined;
}

/** In this order: what is said outweighs the status that it is said with. */
const rules: readonly FaultRule<Complaint>[] = [
  contextTooLong,
  limitReached,
  rateLimited,
  unauthenticated,
  modelNotFound,
  suspended,
  notAuthorised,
  overloaded,
  rejected,
];

/** What went wrong, whose fault it is, and what may be done. */
export function faultOf(complaint: Complaint): Fault {
  const fault = firstFault(rules, complaint);
  if (fault !== undefined) return fault;
  const status = complaint.status === 504 || complaint.status === 408 ? 504 : 502;
  return protocolFaults.upstream_error(said(complaint, 'the upstream failed'), { ...answeredWith(complaint), status });
}

function contextTooLong(complaint: Complaint): Fault | undefined {
  const { message, innerCode, code } = complaint.error;
  if (!saysContextTooLong(message, innerCode, code)) return undefined;
  return protocolFaults.context_too_long(message || 'the prompt is too long for the model', answeredWith(complaint));
}

/** Limits of a tenancy change when a person has them raised: nothing to try for a while. */
const limitRestMs = 600_000;

function limitReached(complaint: Complaint): Fault | undefined {
  const { code } = complaint.error;
  if (code !== 'LimitExceeded' && code !== 'QuotaExceeded') return undefined;
  return protocolFaults.upstream_rate_limited(said(complaint, 'a limit of the tenancy is reached'), {
    ...answeredWith(complaint),
    retryAfterMs: complaint.retryAfterMs ?? limitRestMs,
  });
}

function rateLimited(complaint: Complaint): Fault | undefined {
  if (complaint.status !== 429) return undefined;
  return protocolFaults.upstream_rate_limited(said(complaint, 'the upstream limits the rate'), answeredWith(complaint));
}

/** The message is not shown: it may quote the signature. */
function unauthenticated(complaint: Complaint): Fault | undefined {
  if (complaint.status !== 401) return undefined;
  const what = "the upstream refused the account's signature: user, key, fingerprint, or the clock of the node";
  return protocolFaults.upstream_unauthorised(said(complaint, what, false), answeredWith(complaint));
}

const modelWords = /entity with key .* not found|model_not_found|unknown model|model .{0,80}(?:not found|not exist)/;

/** Retired, or not in this region: another account may have it, and this one is well. */
function modelNotFound(complaint: Complaint): Fault | undefined {
  const { status, words } = complaint;
  if ((status !== 404 && status !== 400) || !modelWords.test(words)) return undefined;
  const detail: FaultDetail = { ...answeredWith(complaint), scope: 'model' };
  return protocolFaults.upstream_model_not_found(said(complaint, 'the upstream does not know the model'), detail);
}

/** Unpaid or reported; nothing but the owner's contract can mend that. */
function suspended(complaint: Complaint): Fault | undefined {
  if (complaint.status !== 403 || !/\btenan(?:cy|t)\b.{0,200}\bsuspended\b/.test(complaint.words)) return undefined;
  const what = 'Oracle has suspended the tenancy of the account';
  return protocolFaults.upstream_account_suspended(said(complaint, what, false), answeredWith(complaint));
}

const policyCodes: ReadonlySet<string | undefined> = new Set([
  'NotAuthorizedOrNotFound',
  'RelatedResourceNotAuthorizedOrNotFound',
  'NotAuthorized',
  'NotAllowed',
  'SignUpRequired',
]);

/** A missing policy, a wrong compartment and a thing that is not there look alike, on purpose. */
function notAuthorised(complaint: Complaint): Fault | undefined {
  const { status, error } = complaint;
  if (status !== 403 && !policyCodes.has(error.code)) return undefined;
  const isOfModel = status === 404 || status === 400;
  const what = 'the account may not do this: a policy is missing, or compartment or model are not there';
  const detail: FaultDetail = { ...answeredWith(complaint), scope: isOfModel ? 'model' : 'account' };
  return protocolFaults.upstream_unauthorised(said(complaint, what, false), detail);
}

const overloadWords =
  /overload|(?:at|over|out of|no|insufficient)[ _](?:model[ _]|available[ _])?capacity|serviceunavailable/;

/** A model without capacity is not its account's fault; 409 IncorrectState passes by itself. */
function overloaded(complaint: Complaint): Fault | undefined {
  const { status, words } = complaint;
  const isOverloaded = status === 503 || status === 409 || (status >= 500 && overloadWords.test(words));
  if (!isOverloaded) return undefined;
  const detail: FaultDetail = { ...answeredWith(complaint), scope: 'model' };
  return protocolFaults.upstream_overloaded(said(complaint, 'the upstream is out of capacity'), detail);
}

/** A 404 that names no entity is a wrong base URL, hence no fault of the client. */
function rejected(complaint: Complaint): Fault | undefined {
  const { status, error } = complaint;
  if (status < 400 || status >= 500 || status === 404 || status === 405 || status === 408) return undefined;
  return protocolFaults.upstream_rejected(said(complaint, 'the upstream refused the request'), {
    ...answeredWith(complaint),
    status: status === 413 ? 413 : 400,
    ...(error.param === undefined ? {} : { field: error.param.slice(0, 200) }),
  });
}

/** `summary (404 NotAuthorizedOrNotFound): message [opc-request-id …]` */
function said({ status, error, requestId }: Complaint, summary: string, showsMessage = true): string {
  const code = error.code === undefined || !/^[A-Za-z]{1,60}$/.test(error.code) ? '' : ` ${error.code}`;
  const message = showsMessage && error.message !== '' ? `: ${error.message}` : '';
  const id = requestId === undefined ? '' : ` [opc-request-id ${requestId}]`;
  return `${summary} (${status}${code})${message}${id}`;
}

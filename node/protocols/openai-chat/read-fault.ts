import type { Fault, FaultDetail } from '../../../kit/fault.ts';
import { isJsonObject, type Json } from '../../../kit/json.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import { saysContextTooLong } from '../context-overflow.ts';
import { answeredWith, type FaultRule, firstFault } from '../fault-rules.ts';
import { protocolFaults } from '../faults.ts';
import { durationMs, readRetryAfterMs } from '../retry-after.ts';
import { errorIn, readUpstreamError, sanitiseMessage, type UpstreamError } from '../upstream-message.ts';

interface Complaint {
  /** Undefined inside a stream whose error object names none. */
  status: number | undefined;
  error: UpstreamError;
  /** Sanitised; '' when the upstream said nothing that can be shown. */
  message: string;
  /** Code, type and message in lower case, to search in. */
  words: string;
  retryAfterMs: number | undefined;
}

/** Reads an error answer of an upstream: what went wrong, whose fault it is, and when to come back. */
export function readFault(status: number, headers: WireHeaders, body: Buffer): Fault {
  return classify(complaintOf(status, readUpstreamError(body), readRetryAfterMs(headers)));
}

/** The same for an error object inside a 200 answer or stream; OpenRouter puts the status into `code`. */
export function faultOfErrorObject(error: Json): Fault {
  const read = errorIn(error);
  const status = Number(read.code ?? (isJsonObject(error) ? error['status'] : undefined));
  return classify(complaintOf(status >= 400 && status < 600 ? status : undefined, read, undefined));
}

function complaintOf(status: number | undefined, error: UpstreamError, retryAfterMs: number | undefined): Complaint {
  const message = error.message ?? validationMessage(error.raw['detail']) ?? '';
  const words = `${error.code ?? ''} ${error.type ?? ''} ${message}`.toLowerCase();
  return { status, error, message, words, retryAfterMs: retryAfterMs ?? saidRetryAfterMs(message) };
}

/** FastAPI (vLLM, SGLang) answers `{detail: [{loc: […], msg}]}`. */
function validationMessage(detail: Json | undefined): string | undefined {
  if (!Array.isArray(detail)) return undefined;
  const lines = detail.filter(isJsonObject).map(({ loc, msg }) => {
    return Array.isArray(loc) ? `${loc.join('.')}: ${String(msg)}` : String(msg);
  });
  return sanitiseMessage(lines.join('; '));
}

/** OpenAI says it in words only in some answers: "Please try again in 6m0s." */
function saidRetryAfterMs(message: string): number | undefined {
  const said = /(?:try again|retry) (?:in|after) ([\d.]+(?:ms|s|m|h)[\d.hms]*)/i.exec(message)?.[1];
  return said === undefined ? undefined : durationMs(said.replace(/\.$/, ''));
}

/** In this order: what an upstream says outweighs the status that it says it with. */
const rules: readonly FaultRule<Complaint>[] = [
  contextTooLong,
  quotaUsedUp,
  overloaded,
  rateLimited,
  suspended,
  unauthorised,
  modelNotFound,
  rejected,
];

function classify(complaint: Complaint): Fault {
  const fault = firstFault(rules, complaint);
  if (fault !== undefined) return fault;
  const status = complaint.status === 504 || complaint.status === 408 ? 504 : 502;
  return protocolFaults.upstream_error(said(complaint, 'the upstream failed'), { ...answeredWith(complaint), status });
}

function contextTooLong(complaint: Complaint): Fault | undefined {
  const { message, error } = complaint;
  if (!saysContextTooLong(message, error.type, error.code)) return undefined;
  return protocolFaults.context_too_long(message || 'the prompt is too long for the model', statusOf(complaint));
}

/** A used-up balance comes back when someone pays or a period ends: nothing to try for an hour. */
const quotaRestMs = 3_600_000;
const quotaWords =
  /insufficient_quota|exceeded your current quota|insufficient[ _](?:balance|credits?|funds)|billing_hard_limit|credit balance/;

function quotaUsedUp(complaint: Complaint): Fault | undefined {
  if (complaint.status !== 402 && !quotaWords.test(complaint.words)) return undefined;
  return protocolFaults.upstream_rate_limited("the account's quota at the upstream is used up", {
    ...statusOf(complaint),
    retryAfterMs: complaint.retryAfterMs ?? quotaRestMs,
  });
}

const overloadWords =
  /overload|(?:at|over|out of|no|insufficient|exceeds|limited)[ _](?:model[ _]|available[ _])?capacity|server is busy|service[ _]unavailable|insufficient_system_resource/;

/** A model without capacity is not its account's fault, and no other model's. */
function overloaded(complaint: Complaint): Fault | undefined {
  const { status, words } = complaint;
  const canBe = status === undefined || status === 429 || status >= 500;
  if (status !== 503 && status !== 529 && !(canBe && overloadWords.test(words))) return undefined;
  const detail: FaultDetail = { ...answeredWith(complaint), scope: 'model' };
  return protocolFaults.upstream_overloaded(said(complaint, 'the upstream is out of capacity'), detail);
}

function rateLimited(complaint: Complaint): Fault | undefined {
  const { status, words } = complaint;
  if (status !== 429 && !(status === undefined && /rate.?limit|throttl|too many requests|429/.test(words)))
    return undefined;
  // OpenAI: "Rate limit reached for gpt-4o in organization …": other models have limits of their own.
  const isOfModel = /limit reached for (?:model )?[`"']?[a-z]+[\w./:-]*\d/.test(words);
  const detail: FaultDetail = { ...answeredWith(complaint), scope: isOfModel ? 'model' : 'account' };
  return protocolFaults.upstream_rate_limited(said(complaint, 'the upstream limits the rate'), detail);
}

/** OpenAI's own code; its message names the account. */
function suspended(complaint: Complaint): Fault | undefined {
  if (!complaint.words.includes('account_deactivated')) return undefined;
  return protocolFaults.upstream_account_suspended('the upstream has deactivated the account', statusOf(complaint));
}

/** Google answers 400 to a bad key. The message is not shown: it may hold part of the key. */
function unauthorised(complaint: Complaint): Fault | undefined {
  const { status, words } = complaint;
  if (status === 403 && /moderation|flagged|content[ _]policy/.test(words)) return undefined;
  const isRefused = status === 401 || status === 403 || /invalid_api_key|api key not valid/.test(words);
  if (!isRefused) return undefined;
  const shown = status === undefined ? '' : ` (${status})`;
  return protocolFaults.upstream_unauthorised(
    `the upstream refused the account's credential${shown}`,
    statusOf(complaint),
  );
}

const modelWords =
  /model_not_found|model_decommissioned|unknown_model|model[^.]{0,80}(?:not found|not exist|not available|not supported|unknown)|(?:no such|unknown|invalid) model|not a valid model/;

function modelNotFound(complaint: Complaint): Fault | undefined {
  const { status, words } = complaint;
  if (status !== 404 && status !== 400 && status !== 422 && status !== undefined) return undefined;
  if (!modelWords.test(words)) return undefined;
  const detail: FaultDetail = { ...statusOf(complaint), scope: 'model' };
  return protocolFaults.upstream_model_not_found(said(complaint, 'the upstream does not know the model'), detail);
}

/** A 404 that speaks of no model is a wrong base URL, hence no fault of the client. */
function rejected(complaint: Complaint): Fault | undefined {
  const { status, error, message } = complaint;
  const isClients =
    status === undefined
      ? /invalid_request|content_filter|content_policy/.test(complaint.words)
      : status >= 400 && status < 500;
  if (!isClients || status === 404 || status === 405 || status === 408) return undefined;
  const param = error.raw['param'];
  return protocolFaults.upstream_rejected(message || `the upstream refused the request (${status ?? 400})`, {
    ...statusOf(complaint),
    status: status === 413 ? 413 : 400,
    ...(typeof param === 'string' && param !== '' ? { field: param } : {}),
  });
}

function statusOf({ status }: Complaint): FaultDetail {
  return answeredWith({ status });
}

function said({ status, message }: Complaint, summary: string): string {
  const shown = status === undefined ? summary : `${summary} (${status})`;
  return message === '' ? shown : `${shown}: ${message}`;
}

import { type JsonObject, parseJsonObject } from '../../../kit/json.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import { saysContextTooLong } from '../context-overflow.ts';
import { oneHeader } from '../retry-after.ts';
import { errorIn, readUpstreamError, sanitiseMessage, type UpstreamError } from '../upstream-message.ts';

/** What the service complains of; the kinds that are acted on in different ways. */
export type ComplaintKind =
  | 'too-long'
  | 'suspended'
  | 'not-entitled'
  | 'no-capacity'
  | 'daily-quota'
  | 'monthly-quota'
  | 'unknown-model'
  | 'profile-arn-required'
  | 'credential-invalid'
  | 'token-refused'
  | 'rate'
  | 'too-large'
  | 'tool-format'
  | 'conflict'
  | 'not-authorised'
  | 'timeout'
  | 'unavailable'
  | 'wrong-address'
  | 'rejected'
  | 'failed';

export interface Complaint {
  readonly kind: ComplaintKind;
  /** Undefined inside a 200 stream. */
  readonly status: number | undefined;
  /** Exception without namespace and URL: `ThrottlingException`. */
  readonly code: string | undefined;
  /** `MONTHLY_REQUEST_COUNT` … */
  readonly reason: string | undefined;
  /** Sanitised; '' when there is none that can be shown. */
  readonly message: string;
  /** By which AWS finds the request again, where the answer has it. */
  readonly requestId?: string;
}

type Said = Omit<Complaint, 'kind'>;

/**
 * What an error answer says. Both shapes are read: `{__type, message, reason}` of JSON 1.0, and `{message, reason}` with
 * the exception in `x-amzn-errortype` of REST. Never throws.
 */
export function classify(status: number, headers: WireHeaders, body: Buffer): Complaint {
  const said = saidIn(status, oneHeader(headers, 'x-amzn-errortype'), readUpstreamError(body));
  const requestId = oneHeader(headers, 'x-amzn-requestid');
  return judge(requestId !== undefined && /^[\w-]{1,100}$/.test(requestId) ? { ...said, requestId } : said);
}

/** The same for an exception message, or an event that is one, inside a 200 stream. */
export function classifyException(type: string | undefined, payload: JsonObject): Complaint {
  return judge(saidIn(undefined, type, errorIn(payload)));
}

/** The same for an unmodelled error message, which has nothing but headers. */
export function classifyErrorMessage(code: string | undefined, message: string | undefined): Complaint {
  const shown = message === undefined ? undefined : sanitiseMessage(message);
  return judge(saidIn(undefined, code, { message: shown, type: undefined, code: undefined, raw: {} }));
}

function saidIn(status: number | undefined, type: string | undefined, { message, raw }: UpstreamError): Said {
  return {
    status,
    code: nameOf(type) ?? nameOf(raw['code']) ?? nameOf(raw['__type']),
    reason: textOf(raw['reason']),
    message: message ?? '',
  };
}

/** `com.amazon.aws.codewhisperer#ThrottlingException:http://…` is `ThrottlingException`. */
function nameOf(value: unknown): string | undefined {
  const name = textOf(value)?.split(':', 1)[0]?.split('#').at(-1)?.trim();
  return name === '' ? undefined : name;
}

/** Codes and reasons are words; anything longer is none. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 200 ? value : undefined;
}

interface Rule {
  readonly kind: ComplaintKind;
  readonly reasons?: readonly string[];
  readonly text?: RegExp;
  /** Exceptions begin with a small letter inside a stream. */
  readonly code?: RegExp;
  readonly statuses?: readonly number[];
}

/**
 * In this order; any one condition of a rule suffices. Reasons and texts go before exceptions and statuses, since the
 * service answers 400, 402 or 429 to the same thing.
 */
const rules: readonly Rule[] = [
  { kind: 'suspended', reasons: ['TEMPORARILY_SUSPENDED'], text: /(?:temporarily|is|been) suspended/i },
  {
    kind: 'not-entitled',
    reasons: ['FEATURE_NOT_SUPPORTED'],
    text: /feature is not supported|subscription does not support|kiro subscription/i,
  },
  {
    kind: 'no-capacity',
    reasons: ['INSUFFICIENT_MODEL_CAPACITY', 'MODEL_TEMPORARILY_UNAVAILABLE'],
    text: /unexpectedly high load|high traffic/i,
  },
  {
    kind: 'daily-quota',
    reasons: ['DAILY_REQUEST_COUNT'],
    text: /reached for (?:this day|today)|daily (?:request )?limit/i,
  },
  {
    kind: 'monthly-quota',
    reasons: ['MONTHLY_REQUEST_COUNT', 'OVERAGE_REQUEST_LIMIT_EXCEEDED', 'CONVERSATION_LIMIT_EXCEEDED'],
    text: /reached for this month|monthly (?:request )?limit/i,
    code: /^ServiceQuotaExceeded/i,
    statuses: [402],
  },
  { kind: 'unknown-model', reasons: ['INVALID_MODEL_ID'], text: /\binvalid model\b/i },
  { kind: 'profile-arn-required', text: /profileArn is required/i },
  { kind: 'credential-invalid', text: /provided credential is invalid/i },
  {
    kind: 'token-refused',
    text: /bearer token[^.]{0,60}(?:invalid|expired)|token (?:has|is) expired/i,
    code: /^(?:ExpiredToken|UnrecognizedClient)/i,
    statuses: [401],
  },
  { kind: 'rate', text: /too many requests/i, code: /^Throttling/i, statuses: [429] },
  { kind: 'too-large', statuses: [413] },
  { kind: 'tool-format', text: /invalid tool use format/i },
  { kind: 'conflict', code: /^Conflict/i, statuses: [409] },
  { kind: 'not-authorised', code: /^AccessDenied/i, statuses: [403] },
  { kind: 'timeout', statuses: [408, 504] },
  { kind: 'unavailable', code: /^ServiceUnavailable/i, statuses: [503, 529] },
  { kind: 'wrong-address', code: /^(?:ResourceNotFound|UnknownOperation)/i, statuses: [404, 405] },
];

function judge(said: Said): Complaint {
  return { ...said, kind: kindOf(said) };
}

function kindOf(said: Said): ComplaintKind {
  const { status, code, reason, message } = said;
  if (saysContextTooLong(message, reason) || /^ContentLengthExceeded/i.test(code ?? '')) return 'too-long';
  for (const rule of rules) if (holds(rule, said)) return rule.kind;
  const isClients = status === undefined ? /^Validation/i.test(code ?? '') : status >= 400 && status < 500;
  return isClients ? 'rejected' : 'failed';
}

function holds(rule: Rule, { status, code, reason, message }: Said): boolean {
  return (
    (reason !== undefined && rule.reasons?.includes(reason) === true) ||
    rule.text?.test(message) === true ||
    (code !== undefined && rule.code?.test(code) === true) ||
    (status !== undefined && rule.statuses?.includes(status) === true)
  );
}

/** Reads a message's payload; undefined when it is not a JSON object. */
export function payloadObject(payload: Buffer): JsonObject | undefined {
  return parseJsonObject(payload.toString());
}

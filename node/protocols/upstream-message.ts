/** What an upstream says in an error answer, made fit to be shown to a client: no HTML, no credentials, bounded. */
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../kit/json.ts';

/** Longest message that is handed on, characters: room for a validation message with its path, not for a prompt. */
const messageLengthMax = 500;
/** Error bodies beyond this are not read at all: real ones have a few hundred bytes. */
const bodySizeBytesMax = 256 * 1024;

/** The members that the error shapes in use have in common. */
export interface UpstreamError {
  /** Sanitised; undefined when there is none fit to be shown. */
  message: string | undefined;
  /** `type` (Anthropic, OpenAI), or Google's `status`. */
  type: string | undefined;
  code: string | number | undefined;
  /** The parsed object that holds the members above; empty when the body is not JSON. */
  raw: JsonObject;
}

/**
 * Reads an error body of any of the shapes in use: `{error:{message,type,code,status}}`, `{error:"…"}`, `{message}`,
 * `{detail}`, `[{error}]`, AWS's `{__type,message}`, plain text. Never throws.
 */
export function readUpstreamError(body: Buffer): UpstreamError {
  if (body.length > bodySizeBytesMax) return { message: undefined, type: undefined, code: undefined, raw: {} };
  const text = body.toString();
  // Not JSON is an answer too: the text itself is then the message.
  const parsed = parseJson(text);
  if (parsed === undefined) return { message: sanitiseMessage(text), type: undefined, code: undefined, raw: {} };
  return errorIn(Array.isArray(parsed) ? parsed[0] : parsed);
}

/** The same for a body that is parsed already, such as an error event's data. */
export function errorIn(value: Json | undefined): UpstreamError {
  if (typeof value === 'string') return { message: sanitiseMessage(value), type: undefined, code: undefined, raw: {} };
  if (!isJsonObject(value)) return { message: undefined, type: undefined, code: undefined, raw: {} };
  const raw = isJsonObject(value['error']) ? value['error'] : value;
  const message = firstString(raw['message'], raw['Message'], raw['detail'], raw['error_description'], raw['error']);
  return {
    message: message === undefined ? undefined : sanitiseMessage(message),
    type: firstString(raw['type'], raw['status'], raw['__type'], raw['error']),
    code: typeof raw['code'] === 'number' ? raw['code'] : firstString(raw['code'], raw['reason']),
    raw,
  };
}

/** The message without credentials, in one line and bounded; undefined when nothing is left or it is HTML. */
export function sanitiseMessage(text: string): string | undefined {
  const start = text.slice(0, messageLengthMax * 4);
  if (isHtml(start)) return undefined;
  const line = redact(start)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (line === '') return undefined;
  return line.length <= messageLengthMax ? line : `${line.slice(0, messageLengthMax - 1).toWellFormed()}…`;
}

const redacted = '[redacted]';

/** Things that look like credentials, by the forms that providers give them. */
const secretForms: readonly RegExp[] = [
  /\b(?:Bearer|Basic|Signature)\s+[\w.~+/=*-]{6,}/gi,
  // OpenAI, Anthropic, OpenRouter, DeepSeek … `sk-…`; also the starred form that OpenAI echoes.
  /\b(?:sk|pk|rk|xai|gsk|hf|ghp|gho|org|proj|req_key)[-_][\w*-]{6,}/g,
  /\bAIza[\w-]{10,}/g,
  /\bya29\.[\w.-]+/g,
  /\bey[JK][\w-]{4,}(?:\.[\w-]*){0,2}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g,
  /\bao[ar][A-Z][\w:/+=-]{16,}/g,
  /\bocid1\.[\w.-]+/g,
  // Anything long that mixes cases and digits, and long hexadecimal; model names are lower case.
  /\b(?=[\w+/-]*[A-Z])(?=[\w+/-]*[a-z])(?=[\w+/-]*\d)[\w+/-]{40,}={0,2}/g,
  /\b[0-9a-f]{32,}\b/g,
];

function redact(text: string): string {
  let shown = text
    .replaceAll(/([?&;](?:key|api_key|token|access_token|sig|signature)=)[^&\s"']+/gi, `$1${redacted}`)
    .replaceAll(
      /\b((?:api[ _-]?key|access[ _-]?token|refresh[ _-]?token|secret|password)["']?\s*[:=]\s*["']?)[^\s"',}]+/gi,
      `$1${redacted}`,
    )
    .replaceAll(/(\/\/)[^/\s:@]+:[^/\s@]+@/g, `$1${redacted}@`);
  for (const form of secretForms) shown = shown.replaceAll(form, redacted);
  return shown;
}

function isHtml(text: string): boolean {
  return (
    /^\s*<(?:!doctype|html|head|body|\?xml|[a-z]+[ />])/i.test(text) || /<(?:html|head|body|title|h1)\b/i.test(text)
  );
}

function firstString(...values: (Json | undefined)[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}

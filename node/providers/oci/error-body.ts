import { isJsonObject, type Json, type JsonObject, parseJsonObject } from '../../../kit/json.ts';
import { readUpstreamError, sanitiseMessage } from '../../protocols/upstream-message.ts';

/** What an error answer of OCI says, with what a model's own backend said inside of it. */
export interface OciError {
  /** Oracle's own code: `NotAuthenticated`, `TooManyRequests`, …; `400` where a backend spoke. */
  code: string | undefined;
  /** The backend's code: `unsupported_value`, `context_length_exceeded`, … */
  innerCode: string | undefined;
  /** Field of the request that the backend complains about, as it calls it (`max_tokens`). */
  param: string | undefined;
  /** Without credentials and OCIDs, bounded; '' when nothing can be shown. */
  message: string;
}

/** JSON within a message within JSON: one level is usual, two are seen. */
const depthMax = 2;

/**
 * Reads `{code, message}`, also where the message is itself the JSON text of a backend's error, in OpenAI's form
 * (`{error: {message, param, code}}`) or in xAI's (`{code, error: "…"}`), and plain text. Never throws.
 */
export function readOciError(body: Buffer): OciError {
  const { raw, message } = readUpstreamError(body);
  const error: OciError = { code: text(raw['code']), innerCode: undefined, param: undefined, message: message ?? '' };
  let said = raw['message'];
  for (let depth = 0; depth < depthMax; depth++) {
    const inner = jsonIn(said);
    if (inner === undefined) break;
    const detail = isJsonObject(inner['error']) ? inner['error'] : inner;
    error.innerCode = text(detail['code']) ?? text(detail['type']) ?? error.innerCode;
    error.param = text(detail['param']) ?? error.param;
    said = detail['message'] ?? detail['error'];
    error.message = typeof said === 'string' ? (sanitiseMessage(said) ?? '') : '';
  }
  return error;
}

function jsonIn(value: Json | undefined): JsonObject | undefined {
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return undefined;
  // A message that only begins like JSON is shown as it is.
  return parseJsonObject(value);
}

function text(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

import type { Fault } from '../../../../kit/fault.ts';
import { isJsonObject, type Json, type JsonObject, parseJsonObject } from '../../../../kit/json.ts';
import { faultOfErrorObject } from '../../../protocols/openai-chat/read-fault.ts';

/** HTTP statuses of Oracle's error codes (docs.oracle.com, "API Errors"); inside a stream there is no other. */
const statusOfCode: ReadonlyMap<string, number> = new Map([
  ['CannotParseRequest', 400],
  ['InvalidParameter', 400],
  ['MissingParameter', 400],
  ['LimitExceeded', 429],
  ['QuotaExceeded', 429],
  ['TooManyRequests', 429],
  ['NotAuthenticated', 401],
  ['NotAuthorized', 403],
  ['NotAuthorizedOrNotFound', 403],
  ['InternalServerError', 500],
  ['ServiceUnavailable', 503],
]);

/** How often a message holds another error as JSON text. */
const nestingMax = 2;

/** The error that an event, or an answer with status 200, is in place of content; undefined when it is none. */
export function errorIn(event: JsonObject): Json | undefined {
  const { error } = event;
  if (typeof error === 'string' ? error !== '' : isJsonObject(error) && Object.keys(error).length > 0) return event;
  return typeof event['message'] === 'string' ? event : undefined;
}

/** Reads `{code, message}`, where the message may hold the backend's own error as JSON text. */
export function faultOfError(error: Json): Fault {
  if (!isJsonObject(error)) return faultOfErrorObject(error);
  const inner = innermost(error, nestingMax);
  const code = inner['code'];
  const known = statusOf(code) ?? statusOf(error['code']);
  return faultOfErrorObject(known === undefined ? inner : { ...inner, code: known });
}

function statusOf(code: Json | undefined): number | undefined {
  if (typeof code === 'number') return code;
  if (typeof code !== 'string') return undefined;
  return statusOfCode.get(code) ?? (/^[45]\d\d$/.test(code) ? Number(code) : undefined);
}

function innermost(error: JsonObject, levels: number): JsonObject {
  const here = isJsonObject(error['error']) ? error['error'] : error;
  const message = here['message'] ?? here['error'];
  if (levels === 0 || typeof message !== 'string' || !message.trimStart().startsWith('{')) {
    return typeof message === 'string' ? { ...here, message } : here;
  }
  // A message that only begins like JSON is a message.
  const inside = parseJsonObject(message);
  return inside === undefined ? here : innermost(inside, levels - 1);
}

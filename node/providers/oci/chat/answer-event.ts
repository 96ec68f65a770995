import { isJsonObject, type Json, type JsonObject } from '../../../../kit/json.ts';
import { parseKeepingDigits } from '../../../conversation/arguments.ts';
import type { Usage } from '../../../conversation/contract.ts';
import { protocolFaults } from '../../../protocols/faults.ts';
import { errorIn, faultOfError } from './stream-fault.ts';
import { decodeUsage } from './usage.ts';

/** What one event of a stream, or a whole answer, says. */
export interface AnswerEvent {
  /** Holds `message` (GENERIC, COHEREV2) or `text` and `toolCalls` (COHERE); of several choices the first. */
  content: JsonObject;
  /** '' while the answer goes on. */
  finishReason: string;
  errorMessage: string | undefined;
  usage: Usage | undefined;
  id: string;
  model: string;
}

/**
 * Reads one JSON object; a whole answer has the content in `chatResponse`, an event of a stream at its root. Throws
 * `upstream_bad_answer` for what is no object, and the upstream's own error.
 */
export function readAnswerEvent(json: string): AnswerEvent {
  const root = parseKeepingDigits(json);
  if (!isJsonObject(root)) throw protocolFaults.upstream_bad_answer("the upstream's answer is not a JSON object");
  const error = errorIn(root);
  if (error !== undefined) throw faultOfError(error);
  const response = isJsonObject(root['chatResponse']) ? root['chatResponse'] : root;
  const content = firstChoice(response);
  return {
    content,
    finishReason: textOf(content['finishReason']),
    errorMessage: textOf(response['errorMessage']) || undefined,
    usage: decodeUsage(response['usage'] ?? content['usage']),
    id: textOf(response['id']),
    model: textOf(root['modelId']),
  };
}

function firstChoice(response: JsonObject): JsonObject {
  const { choices } = response;
  if (!Array.isArray(choices)) return response;
  return isJsonObject(choices[0]) ? choices[0] : {};
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
